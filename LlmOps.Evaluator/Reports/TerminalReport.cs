using System.Globalization;
using LlmOps.Evaluator.Results;
using Spectre.Console;

namespace LlmOps.Evaluator.Reports;

/// <summary>The report as a terminal shows it. Signs and words say all that colours do.</summary>
internal static class TerminalReport
{
    private const int MostReasons = 3;
    private const int LongestReason = 200;

    // Below it a table's numbers would be broken into pieces: then each metric has lines of its own.
    private const int NarrowWidth = 90;

    /// <summary>Writes it.</summary>
    /// <param name="console">Where.</param>
    /// <param name="result">The evaluation.</param>
    /// <param name="files">The reports that were written, told at the end.</param>
    public static void Write(IAnsiConsole console, EvaluationResult result, params IReadOnlyList<string> files)
    {
        console.WriteLine();
        console.MarkupLine($"[bold]{Markup.Escape(VerdictLabels.Title(result))}[/]");
        console.MarkupLine(Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{result.Cases.Count} cases of {result.Run.Dataset}, each asked {Times(result.Run.Repeats)} of each variant")));
        foreach (var variant in result.Variants.Skip(1))
        {
            WriteVerdicts(console, result, variant.Name);
        }

        if (result.Variants.Count == 1)
        {
            WriteSummaries(console, result);
        }

        WriteGate(console, result);
        foreach (var file in files)
        {
            // As it is: a path that is broken over lines cannot be clicked.
            console.Profile.Out.Writer.WriteLine($"  {file}");
        }
    }

    private static void WriteVerdicts(IAnsiConsole console, EvaluationResult result, string variant)
    {
        var rows = VerdictRow.Of(result, variant);
        if (rows.Count == 0)
        {
            return;
        }

        console.WriteLine();
        var interval = $"{ReportNumbers.Share(result.Run.Confidence)} interval";
        if (console.Profile.Width < NarrowWidth)
        {
            console.MarkupLine(Markup.Escape($"{variant} compared with {rows[0].Comparison.Baseline}"));
            foreach (var row in rows)
            {
                console.MarkupLine($"[bold]{Markup.Escape(row.Metric.Name)}[/]: {Coloured(row.Comparison.Verdict, row.Verdict)}");
                console.MarkupLine($"  {Markup.Escape($"{row.Comparison.Baseline} {row.Baseline}, {variant} {row.Variant}")}");
                console.MarkupLine($"  {Markup.Escape($"{row.Difference}, {interval}")}");
                console.MarkupLine($"  [dim]{Markup.Escape(row.Comparison.Words)}[/]");
            }

            return;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumn("Metric");
        foreach (var heading in new[] { rows[0].Comparison.Baseline, variant, $"Difference ({interval})" })
        {
            table.AddColumn(new TableColumn(Markup.Escape(heading)).RightAligned().NoWrap());
        }

        table.AddColumn("Verdict");
        foreach (var row in rows)
        {
            table.AddRow(Markup.Escape(row.Metric.Name), Markup.Escape(row.Baseline), Markup.Escape(row.Variant), Markup.Escape(row.Difference), Coloured(row.Comparison.Verdict, row.Verdict));
        }

        console.Write(table);
        foreach (var row in rows)
        {
            console.Write(new Padder(new Markup($"{Coloured(row.Comparison.Verdict, VerdictLabels.Sign(row.Comparison.Verdict))} [bold]{Markup.Escape(row.Metric.Name)}[/]  {Markup.Escape(row.Comparison.Words)}"), new Padding(1, 0)));
        }
    }

    private static void WriteSummaries(IAnsiConsole console, EvaluationResult result)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Metric", "Mean", $"{ReportNumbers.Share(result.Run.Confidence)} interval", "Median", "Cases", "Missing");
        foreach (var summary in result.Summaries)
        {
            var metric = result.Metrics.First(each => each.Name == summary.Metric);
            table.AddRow(
                Markup.Escape(metric.Name),
                Markup.Escape(ReportNumbers.Value(summary.Mean, metric)),
                Markup.Escape(ReportNumbers.ValueInterval(summary.Interval, metric)),
                Markup.Escape(ReportNumbers.Value(summary.Median, metric)),
                summary.Cases.ToString(CultureInfo.InvariantCulture),
                summary.Missing.ToString(CultureInfo.InvariantCulture));
        }

        console.Write(table);
    }

    private static void WriteGate(IAnsiConsole console, EvaluationResult result)
    {
        console.WriteLine();
        var colour = result.Gate.Status switch { GateStatus.Passed => "green", GateStatus.Regression => "red", _ => "yellow" };
        console.MarkupLine($"Gate: [{colour} bold]{VerdictLabels.Short(result.Gate.Status)}[/]");
        foreach (var rule in result.Gate.Rules)
        {
            console.MarkupLine($"  {(rule.Passed ? "[green]✓ passed[/]" : "[red]✗ failed[/]")}: fails if {Markup.Escape(rule.Rule)}. {Markup.Escape(rule.Reason)}");
        }

        foreach (var missing in result.Gate.Incomplete)
        {
            console.MarkupLine($"  [yellow]! missing[/]: {Markup.Escape(missing)}");
        }

        foreach (var (reason, count) in Failures(result))
        {
            console.MarkupLine($"    {Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{count} × {reason}"))}");
        }

        console.MarkupLine(Markup.Escape(string.Create(
            CultureInfo.InvariantCulture, $"Cost: {ReportNumbers.Usd((double)result.Run.CostUsd)}, {result.Run.Calls} calls, {result.Run.Reused} reused{(result.Run.EndedEarly is { } early ? $"; ended early: {early}" : "")}")));
    }

    // Why most of it is missing.
    private static IEnumerable<(string Reason, int Count)> Failures(EvaluationResult result) =>
        result.Cases.SelectMany(each => each.Answers).SelectMany(answer => answer.Scores.Values.Select(score => score.Failure).Prepend(answer.Failure)).OfType<string>()
            .GroupBy(reason => reason).Select(group => (Reason: group.Key.Length <= LongestReason ? group.Key : $"{group.Key[..LongestReason]}…", Count: group.Count()))
            .OrderByDescending(group => group.Count).Take(MostReasons);

    private static string Coloured(Verdict verdict, string text) => verdict switch
    {
        Verdict.Better => $"[green]{Markup.Escape(text)}[/]",
        Verdict.Worse => $"[red]{Markup.Escape(text)}[/]",
        _ => $"[dim]{Markup.Escape(text)}[/]",
    };

    private static string Times(int repeats) => repeats == 1 ? "once" : string.Create(CultureInfo.InvariantCulture, $"{repeats} times");
}
