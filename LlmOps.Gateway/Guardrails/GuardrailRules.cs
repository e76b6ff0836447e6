namespace LlmOps.Gateway.Guardrails;

/// <summary>The names of rules, as callers, logs and metrics have them. Findings in texts have names of their own, such as pii_email.</summary>
internal static class GuardrailRules
{
    /// <summary>A prompt or an answer is too long.</summary>
    public const string Length = "length";

    /// <summary>A prompt tries to override the application's instructions.</summary>
    public const string PromptInjection = "prompt_injection";

    /// <summary>An answer does not keep to its schema.</summary>
    public const string Schema = "schema";

    /// <summary>The judge is against an answer.</summary>
    public const string Judge = "judge";

    /// <summary>The judge could not be asked.</summary>
    public const string JudgeUnavailable = "judge_unavailable";
}
