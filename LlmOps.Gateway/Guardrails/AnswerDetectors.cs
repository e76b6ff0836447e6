using LlmOps.Gateway.Guardrails.Findings;

namespace LlmOps.Gateway.Guardrails;

/// <summary>What looks at the answers that a policy holds for, by what is done about what it finds.</summary>
internal sealed class AnswerDetectors
{
    /// <summary>Those of a policy, in a configuration.</summary>
    public AnswerDetectors(GuardrailPolicy policy, GuardrailPolicies rules)
    {
        // Where values are restored, those that the model has of its own are none of the caller's.
        var personal = policy.Masks ? GuardrailMode.Off : policy.PersonalData;
        Monitored = Of(GuardrailMode.Monitor);
        Refused = Of(GuardrailMode.Enforce);
        Masked = policy is { Masks: true, PersonalDataAction: PersonalDataAction.Mask } ? [rules.PersonalData] : [];

        ITextDetector[] Of(GuardrailMode mode) =>
        [
            .. policy.Secrets == mode ? (ITextDetector[])[rules.Secrets] : [],
            .. policy.BlockedWords == mode && rules.BlockedWords.Longest > 0 ? (ITextDetector[])[rules.BlockedWords] : [],
            .. personal == mode ? (ITextDetector[])[rules.PersonalData] : [],
        ];
    }

    /// <summary>What they find is counted.</summary>
    public ITextDetector[] Monitored { get; }

    /// <summary>What they find is refused.</summary>
    public ITextDetector[] Refused { get; }

    /// <summary>What they find is replaced.</summary>
    public ITextDetector[] Masked { get; }
}
