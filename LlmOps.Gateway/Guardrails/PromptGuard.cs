using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Guardrails.Findings;
using LlmOps.Gateway.Guardrails.Injection;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Guardrails;

/// <summary>Looks at what goes in.</summary>
internal sealed class PromptGuard(InjectionDetector injection, GuardrailStatistics statistics)
{
    /// <summary>Checks a prompt.</summary>
    /// <returns>What is to stand for personal data in it; null where it may go in as it is.</returns>
    /// <exception cref="GatewayException">It is refused.</exception>
    public Placeholders? Admit(GuardrailPolicy policy, IEnumerable<ChatMessage> messages, GatewayRequest request)
    {
        using var span = GuardrailSpan.Input(request);
        try
        {
            return Look(policy, messages, request);
        }
        catch (GatewayException exception) when (span?.Failed(exception) == true)
        {
            throw;
        }
    }

    /// <summary>Checks texts that are to be embedded, which are no instructions for anybody.</summary>
    /// <returns>The texts in place of these; null where they may go in as they are.</returns>
    /// <exception cref="GatewayException">They are refused.</exception>
    public IReadOnlyList<string>? Admit(GuardrailPolicy policy, IReadOnlyList<string> texts, GatewayRequest request)
    {
        using var span = GuardrailSpan.Input(request);
        try
        {
            return Look(policy, texts, request);
        }
        catch (GatewayException exception) when (span?.Failed(exception) == true)
        {
            throw;
        }
    }

    private Placeholders? Look(GuardrailPolicy policy, IEnumerable<ChatMessage> messages, GatewayRequest request)
    {
        List<Finding> findings = [];
        var (characters, isMasked) = (0L, false);
        foreach (var message in messages)
        {
            var mayInstruct = IsFromOutside(message.Role);
            for (var index = 0; index < message.Contents.Count; index++)
            {
                var text = RequestTexts.Of(message.Contents[index]);
                characters += text.Length;
                isMasked |= text.Length > 0 && Check(policy, request, text, mayInstruct, findings);
            }
        }

        CheckLength(policy, request, characters);

        // In what tools answer there may be personal data as well.
        return isMasked || (policy.Masks && (request.Tools is { Tools.Count: > 0 } || request.Kept is not null)) ? new Placeholders([.. messages.SelectMany(message => message.Contents).Select(RequestTexts.Of)]) : null;
    }

    private IReadOnlyList<string>? Look(GuardrailPolicy policy, IReadOnlyList<string> texts, GatewayRequest request)
    {
        List<Finding> findings = [];
        var isMasked = false;
        foreach (var text in texts)
        {
            isMasked |= Check(policy, request, text, mayInstruct: false, findings);
        }

        CheckLength(policy, request, texts.Sum(text => (long)text.Length));
        var placeholders = isMasked ? new Placeholders(texts) : null;
        return placeholders is null ? null : [.. texts.Select(text => placeholders.Mask(text, Finding.In(text, [request.Configuration.Guardrails.PersonalData])))];
    }

    // Whether placeholders are to stand for something in it.
    private bool Check(GuardrailPolicy policy, GatewayRequest request, string text, bool mayInstruct, List<Finding> findings)
    {
        var rules = request.Configuration.Guardrails;
        var mark = CleanTexts.MarkOf(text, policy, request.Principal.Tenant, mayInstruct);
        if (mark is { } known && rules.Clean.Contains(known))
        {
            return false;
        }

        var isFound = Decide(request, policy.BlockedWords, rules.BlockedWords, text, findings) | Decide(request, policy.Secrets, rules.Secrets, text, findings);
        if (mayInstruct && policy.PromptInjection != GuardrailMode.Off && injection.Score(text).IsAttack)
        {
            isFound = true;
            statistics.Decide(request, GuardrailRules.PromptInjection, policy.PromptInjection, "the prompt reads like an attempt to override the application's instructions.");
        }

        var isMasked = policy.Masks && FindMasked(request, text, findings);
        isFound |= isMasked || (!policy.Masks && Decide(request, policy.PersonalData, rules.PersonalData, text, findings));
        if (mark is { } clean && !isFound)
        {
            rules.Clean.Add(clean);
        }

        return isMasked;
    }

    private bool FindMasked(GatewayRequest request, string text, List<Finding> findings)
    {
        findings.Clear();
        request.Configuration.Guardrails.PersonalData.Find(text, 0, findings);
        findings.ForEach(finding => statistics.Found(request, finding.Rule, GuardrailOutcome.Masked));
        return findings.Count > 0;
    }

    private bool Decide(GatewayRequest request, GuardrailMode mode, ITextDetector detector, string text, List<Finding> findings)
    {
        if (mode == GuardrailMode.Off)
        {
            return false;
        }

        findings.Clear();
        detector.Find(text, 0, findings);
        foreach (var finding in findings)
        {
            statistics.Decide(request, finding.Rule, mode, "the prompt contains what it forbids.");
        }

        return findings.Count > 0;
    }

    private void CheckLength(GuardrailPolicy policy, GatewayRequest request, long characters)
    {
        var most = request.Configuration.Options.Guardrails.MaxPromptCharacters;
        if (policy.Length != GuardrailMode.Off && characters > most)
        {
            statistics.Decide(request, GuardrailRules.Length, policy.Length, $"the prompt has {characters} characters; at most {most} are allowed (Gateway:Guardrails:MaxPromptCharacters).");
        }
    }

    // What the application itself says, and what the model said, is no attack on them.
    private static bool IsFromOutside(ChatRole role) => role == ChatRole.User || role == ChatRole.Tool;
}
