using System.Text;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Reports;

/// <summary>The report as a comment of a pull request: what is better, whether it passes, and a few cases to look at.</summary>
internal static class MarkdownReport
{
    /// <summary>The most characters, below the 65,536 that GitHub takes of a comment.</summary>
    public const int MostCharacters = 60_000;

    private const string Cut = "\n*What is left out here stands in report.html.*\n";
    private const int MostExamples = 5;
    private const int ExcerptLength = 160;
    private const int ReasonLength = 600;
    private const int NameLength = 120;

    /// <summary>Writes it.</summary>
    public static async Task WriteAsync(EvaluationResult result, Stream stream, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(stream, ReportText.Encoding, leaveOpen: true);
        await writer.WriteAsync(Text(result).AsMemory(), cancellationToken);
    }

    /// <summary>The text.</summary>
    public static string Text(EvaluationResult result)
    {
        var text = new StringBuilder();
        foreach (var block in Blocks(result))
        {
            if (text.Length + block.Length + Cut.Length > MostCharacters)
            {
                return text.Append(Cut).ToString();
            }

            text.Append(block);
        }

        return text.ToString();
    }

    // Each is whole in itself, so that the text can end after any of them.
    private static IEnumerable<string> Blocks(EvaluationResult result)
    {
        var sign = result.Gate.Status == GateStatus.Passed ? "✅" : result.Gate.Status == GateStatus.Regression ? "❌" : "⚠️";
        yield return $"## {sign} {Name(VerdictLabels.Title(result))}: {VerdictLabels.Short(result.Gate.Status)}\n";
        foreach (var headline in VerdictLabels.Headlines(result))
        {
            yield return $"\n{MarkdownText.Of(headline, ReasonLength)}\n";
        }

        foreach (var variant in result.Variants.Skip(1))
        {
            foreach (var part in Verdicts(result, variant.Name))
            {
                yield return part;
            }
        }

        if (result.Variants.Count == 1)
        {
            foreach (var part in Summaries(result))
            {
                yield return part;
            }
        }

        foreach (var part in Gate(result.Gate).Concat(Examples(result)))
        {
            yield return part;
        }

        yield return FormattableString.Invariant(
            $"\n<sub>{result.Cases.Count} cases × {result.Run.Repeats}, {Name(result.Run.Dataset)}, seed {result.Run.Seed}, {ReportNumbers.Share(result.Run.Confidence)} intervals, {result.Run.Calls} calls, {ReportNumbers.Usd((double)result.Run.CostUsd)}</sub>\n");
    }

    private static IEnumerable<string> Verdicts(EvaluationResult result, string variant)
    {
        var rows = VerdictRow.Of(result, variant);
        if (rows.Count == 0)
        {
            yield break;
        }

        yield return $"\n| Metric | {Name(rows[0].Comparison.Baseline)} | {Name(variant)} | Difference ({ReportNumbers.Share(result.Run.Confidence)} interval) | Verdict |\n|---|---:|---:|---:|---|\n";
        foreach (var row in rows)
        {
            yield return $"| {Name(row.Metric.Name)} | {MarkdownText.Of(row.Baseline)} | {MarkdownText.Of(row.Variant)} | {MarkdownText.Of(row.Difference)} | {row.Verdict} |\n";
        }
    }

    private static IEnumerable<string> Summaries(EvaluationResult result)
    {
        yield return $"\n| Metric | Mean ({ReportNumbers.Share(result.Run.Confidence)} interval) | Median | Cases | Missing |\n|---|---:|---:|---:|---:|\n";
        foreach (var summary in result.Summaries)
        {
            var metric = result.Metrics.First(each => each.Name == summary.Metric);
            var interval = summary.Interval is null ? "" : $" ({ReportNumbers.ValueInterval(summary.Interval, metric)})";
            yield return FormattableString.Invariant(
                $"| {Name(metric.Name)} | {MarkdownText.Of(ReportNumbers.Value(summary.Mean, metric) + interval)} | {MarkdownText.Of(ReportNumbers.Value(summary.Median, metric))} | {summary.Cases} | {summary.Missing} |\n");
        }
    }

    private static IEnumerable<string> Gate(GateOutcome gate)
    {
        if (gate.Rules.Count > 0)
        {
            yield return "\n**Rules**\n\n";
        }

        foreach (var rule in gate.Rules)
        {
            yield return $"- {(rule.Passed ? "✅ passed" : "❌ failed")}: fails if {Name(rule.Rule)}. {MarkdownText.Of(rule.Reason, ReasonLength)}\n";
        }

        if (gate.Incomplete.Count > 0)
        {
            yield return "\n**Missing**\n\n";
        }

        foreach (var missing in gate.Incomplete)
        {
            yield return $"- {MarkdownText.Of(missing, ReasonLength)}\n";
        }
    }

    private static IEnumerable<string> Examples(EvaluationResult result)
    {
        foreach (var row in result.Variants.Skip(1).SelectMany(variant => VerdictRow.Of(result, variant.Name)).Where(row => row.Metric.IsQuality))
        {
            CaseDifference[] differing = [.. CaseDifference.Of(result, row.Comparison).Where(each => each.Gain != 0).OrderBy(each => each.Gain)];
            if (differing.Length > 0)
            {
                yield return
                    $"\n<details><summary>{MarkdownText.InElement(row.Metric.Name, NameLength)}: largest losses and wins of {MarkdownText.InElement(row.Comparison.Variant, NameLength)}</summary>\n\n"
                    + $"| Case | {Name(row.Comparison.Baseline)} | {Name(row.Comparison.Variant)} | Difference | Answer of {Name(row.Comparison.Variant)} |\n|---|---:|---:|---:|---|\n"
                    + string.Concat(differing.TakeWhile(each => each.Gain < 0).Take(MostExamples).Select(each => Example(row, each)))
                    + string.Concat(differing.Reverse().TakeWhile(each => each.Gain > 0).Take(MostExamples).Select(each => Example(row, each)))
                    + "\n</details>\n";
            }
        }
    }

    private static string Example(VerdictRow row, CaseDifference each)
    {
        var answer = each.Case.Answers.FirstOrDefault(answer => answer.Variant == row.Comparison.Variant && answer.Answer is not null)?.Answer?.Text ?? "";
        var numbers = string.Join(" | ", new[]
        {
            ReportNumbers.Value(each.Baseline, row.Metric),
            ReportNumbers.Value(each.Variant, row.Metric),
            $"{(each.Gain > 0 ? "▲" : "▼")} {ReportNumbers.Difference(each.Variant - each.Baseline, row.Metric)}",
        }.Select(number => MarkdownText.Of(number)));
        return $"| {Name(each.Case.Id)} | {numbers} | {MarkdownText.Of(answer, ExcerptLength)} |\n";
    }

    private static string Name(string text) => MarkdownText.Of(text, NameLength);
}
