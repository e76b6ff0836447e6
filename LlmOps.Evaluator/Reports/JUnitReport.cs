using System.Globalization;
using System.Text;
using System.Xml;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Reports;

/// <summary>
/// Rules and verdicts as JUnit's XML, which CI servers show as tests: a suite for the gate's rules, and one a variant with a test a metric, which
/// fails where the variant is worse, is in error where cases are missing, and is skipped where they are too few.
/// </summary>
internal static class JUnitReport
{
    private static readonly XmlWriterSettings Settings = new() { Async = true, Indent = true, Encoding = ReportText.Encoding };

    /// <summary>Writes it.</summary>
    public static async Task WriteAsync(EvaluationResult result, Stream stream)
    {
        List<Suite> suites =
        [
            new("gate", [.. result.Gate.Rules.Select(Test), .. result.Gate.Incomplete.Select(Missing)]),
            .. result.Variants.Skip(1).Select(variant => new Suite(variant.Name, [.. VerdictRow.Of(result, variant.Name).Select(Test)])),
        ];
        await using var writer = XmlWriter.Create(stream, Settings);
        await writer.WriteStartDocumentAsync();
        await writer.WriteStartElementAsync(null, "testsuites", null);
        await WriteCountsAsync(writer, VerdictLabels.Title(result), [.. suites.SelectMany(suite => suite.Tests)]);
        await WriteAttributeAsync(writer, "time", (result.EndedAt - result.StartedAt).TotalSeconds.ToString("F3", CultureInfo.InvariantCulture));
        foreach (var suite in suites)
        {
            await WriteSuiteAsync(writer, result, suite);
        }

        await writer.WriteEndElementAsync();
        await writer.WriteEndDocumentAsync();
    }

    private static SuiteTest Test(RuleOutcome rule) => new(rule.Rule, rule.Passed ? "" : "failure", rule.Reason);

    private static SuiteTest Missing(string missing) => new($"complete: {missing}", "error", missing);

    private static SuiteTest Test(VerdictRow row)
    {
        var missing = row.Comparison.Missing > 0 ? string.Create(CultureInfo.InvariantCulture, $"Missing cases: {row.Comparison.Missing}. ") : "";
        return new SuiteTest(row.Metric.Name, Outcome(row.Comparison), $"{missing}{row.Verdict}: {row.Baseline} to {row.Variant}, difference {row.Difference}. {row.Comparison.Words}");
    }

    private static string Outcome(MetricComparison comparison) => comparison switch
    {
        { Verdict: Verdict.Worse } => "failure",
        { Missing: > 0 } => "error",
        { Verdict: Verdict.TooFewCases } => "skipped",
        _ => "",
    };

    private static async Task WriteSuiteAsync(XmlWriter writer, EvaluationResult result, Suite suite)
    {
        await writer.WriteStartElementAsync(null, "testsuite", null);
        await WriteCountsAsync(writer, suite.Name, suite.Tests);
        await WriteAttributeAsync(writer, "timestamp", result.StartedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture));
        foreach (var test in suite.Tests)
        {
            await writer.WriteStartElementAsync(null, "testcase", null);
            await WriteAttributeAsync(writer, "classname", $"{result.Prompt}.{suite.Name}");
            await WriteAttributeAsync(writer, "name", test.Name);
            await writer.WriteStartElementAsync(null, test.Outcome.Length == 0 ? "system-out" : test.Outcome, null);
            if (test.Outcome.Length > 0)
            {
                await WriteAttributeAsync(writer, "message", test.Text);
            }

            await writer.WriteStringAsync(XmlText(test.Text));
            await writer.WriteEndElementAsync();
            await writer.WriteEndElementAsync();
        }

        await writer.WriteEndElementAsync();
    }

    private static async Task WriteCountsAsync(XmlWriter writer, string name, IReadOnlyList<SuiteTest> tests)
    {
        string Count(string outcome) => tests.Count(test => test.Outcome == outcome).ToString(CultureInfo.InvariantCulture);
        await WriteAttributeAsync(writer, "name", name);
        await WriteAttributeAsync(writer, "tests", tests.Count.ToString(CultureInfo.InvariantCulture));
        await WriteAttributeAsync(writer, "failures", Count("failure"));
        await WriteAttributeAsync(writer, "errors", Count("error"));
        await WriteAttributeAsync(writer, "skipped", Count("skipped"));
    }

    private static Task WriteAttributeAsync(XmlWriter writer, string name, string value) => writer.WriteAttributeStringAsync(null, name, null, XmlText(value));

    // XML has no way to write most control characters, and halves of pairs.
    private static string XmlText(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            kept.Append(rune.Value > char.MaxValue || XmlConvert.IsXmlChar((char)rune.Value) ? rune : Rune.ReplacementChar);
        }

        return kept.ToString();
    }

    private sealed record Suite(string Name, IReadOnlyList<SuiteTest> Tests);

    /// <param name="Name">What is tested.</param>
    /// <param name="Outcome">failure, error or skipped; empty for passed.</param>
    /// <param name="Text">The numbers that say so.</param>
    private sealed record SuiteTest(string Name, string Outcome, string Text);
}
