namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>A finding and the characters that it covers; never to be logged.</summary>
internal readonly record struct FoundValue(Finding Finding, string Value);
