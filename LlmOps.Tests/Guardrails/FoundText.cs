using LlmOps.Gateway.Guardrails.Findings;

namespace LlmOps.Tests.Guardrails;

/// <summary>What a detector finds in a text, as rules and values.</summary>
internal static class FoundText
{
    public static List<(string Rule, string Value)> Of(string text, params ITextDetector[] detectors) =>
        [.. Finding.In(text, detectors).Select(finding => (finding.Rule, text.Substring(finding.Start, finding.Length)))];
}
