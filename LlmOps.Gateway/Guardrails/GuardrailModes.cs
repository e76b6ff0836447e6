using System.Text.Json.Serialization;

namespace LlmOps.Gateway.Guardrails;

/// <summary>What guardrails do with what they find. What is unset is as the next wider place says: key, prompt, route, Gateway:Guardrails, then the default.</summary>
internal record GuardrailModes
{
    /// <summary>Prompts and answers that are too long. Unset: enforced.</summary>
    public GuardrailMode? Length { get; set; }

    /// <summary>Prompts that try to override the instructions of the application. Unset: enforced, under /v1 monitored.</summary>
    public GuardrailMode? PromptInjection { get; set; }

    /// <summary>Personal data in prompts and answers. Unset: monitored.</summary>
    public GuardrailMode? PersonalData { get; set; }

    /// <summary>What is done about personal data where it is enforced. Unset: Refuse.</summary>
    public PersonalDataAction? PersonalDataAction { get; set; }

    /// <summary>Keys, tokens and passwords in prompts and answers. Unset: enforced, under /v1 monitored.</summary>
    public GuardrailMode? Secrets { get; set; }

    /// <summary>Words of BlockedWordList in prompts and answers. Unset: enforced.</summary>
    public GuardrailMode? BlockedWords { get; set; }

    /// <summary>Whether an answer keeps to the JSON schema that was asked for; enforced, one that does not is asked for once more. Unset: off.</summary>
    public GuardrailMode? Schema { get; set; }

    /// <summary>What a model says of the answer (AnswerJudge). Unset: off.</summary>
    public GuardrailMode? Judge { get; set; }
}

/// <summary>What a guardrail does.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GuardrailMode>))]
internal enum GuardrailMode
{
    /// <summary>Nothing.</summary>
    [JsonStringEnumMemberName("off")]
    Off,

    /// <summary>Counts what it finds, and lets it pass.</summary>
    [JsonStringEnumMemberName("monitor")]
    Monitor,

    /// <summary>Refuses what it finds, or changes it.</summary>
    [JsonStringEnumMemberName("enforce")]
    Enforce,
}

/// <summary>What is done about personal data.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PersonalDataAction>))]
internal enum PersonalDataAction
{
    /// <summary>The request is refused.</summary>
    [JsonStringEnumMemberName("refuse")]
    Refuse,

    /// <summary>A placeholder such as [EMAIL_1] stands for it, on the way to the model and in its answer.</summary>
    [JsonStringEnumMemberName("mask")]
    Mask,

    /// <summary>The model sees placeholders; in its answer they are the values again.</summary>
    [JsonStringEnumMemberName("restore")]
    Restore,
}
