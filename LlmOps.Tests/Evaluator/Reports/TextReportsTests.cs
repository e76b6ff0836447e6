using System.Globalization;
using System.Text.RegularExpressions;
using LlmOps.Evaluator.Reports;
using LlmOps.Evaluator.Results;
using Spectre.Console;

namespace LlmOps.Tests.Evaluator.Reports;

public sealed partial class TextReportsTests
{
    [Theory]
    [InlineData("v2")]
    [InlineData("v3")]
    public async Task Markdown_HasTheNumbersOfTheJson(string variant)
    {
        using var folder = await ReportFolder.OfAsync(SampleResults.Create());

        var table = folder.Text("report.md").Split("\n\n").Single(block => block.StartsWith($"| Metric | v1 | {variant} |", StringComparison.Ordinal));
        string[][] rows = [.. table.Split('\n').Skip(2).Select(line => UnescapedPipe().Split(line.Trim('|', ' ')).Select(cell => Escape().Replace(cell, "$1").Trim()).ToArray())];

        ShownVerdicts.ShouldBeOf(folder.Text("report.json"), variant, rows);
    }

    [Theory]
    [InlineData("v2")]
    [InlineData("v3")]
    public async Task Terminal_HasTheNumbersOfTheJson(string variant)
    {
        var result = SampleResults.Create();
        using var folder = await ReportFolder.OfAsync(result);

        var lines = Terminal(result, 160).Split('\n').SkipWhile(line => !(line.Contains("Metric", StringComparison.Ordinal) && line.Contains($" {variant} ", StringComparison.Ordinal)));
        string[][] rows = [.. lines.Skip(2).TakeWhile(line => line.Trim().Length > 0).Select(line => Gaps().Split(line.Trim()))];

        ShownVerdicts.ShouldBeOf(folder.Text("report.json"), variant, rows);
    }

    [Theory]
    [InlineData(160)]
    [InlineData(80)]
    [InlineData(40)]
    public void Terminal_SaysVerdictsGateAndFilesAtAnyWidth(int width)
    {
        var result = SampleResults.Create();

        var text = Terminal(result, width, "/reports/with a very long path/that must stay whole/report.html");

        text.Split('\n').Where(line => !line.Contains("/reports/", StringComparison.Ordinal)).ShouldAllBe(line => line.Length <= width);
        var plain = Gaps().Replace(text.Replace('\n', ' '), " ");
        plain.ShouldContain("tone [strict]");
        plain.ShouldContain("▼ worse");
        plain.ShouldContain("Gate: incomplete");
        plain.ShouldContain("2 answers of v2 are missing.");
        plain.ShouldContain("2 × The provider did not answer within 30 s.");
        text.ShouldContain("  /reports/with a very long path/that must stay whole/report.html\n");
        text.ShouldNotContain("\u001b");
    }

    [Fact]
    public void Terminal_OfOneVersionShowsItsScores()
    {
        var text = Terminal(SampleResults.Single(), 120);

        text.ShouldContain("rouge_l");
        text.ShouldContain("Gate: passed");
        text.ShouldNotContain("better");
    }

    [Fact]
    public void Markdown_MakesNothingOfWhatAnswersHold()
    {
        var text = MarkdownReport.Text(SampleResults.Create());

        text.ShouldContain("## ⚠️ summarizer: v2 and v3 compared with v1: incomplete");
        text.ShouldNotContain("<script");
        text.ShouldNotContain("<img");
        text.ShouldNotContain("<!--");
        text.ShouldNotContain("@everyone");
        text.ShouldNotContain(" #1 ");
        text.ShouldNotContain("![i]");
        text.ShouldNotContain("\u202E");
        text.ShouldContain("**Rules**");
        // A row with another number of cells than its heading would be broken.
        foreach (var line in text.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)))
        {
            UnescapedPipe().Count(line).ShouldBe(6);
        }
    }

    [Fact]
    public void Markdown_OfManyMetricsStaysBelowGitHubsLimit()
    {
        var result = SampleResults.Create();
        var name = new string('m', 200);
        Metric[] metrics = [.. Enumerable.Range(0, 120).Select(index => result.Metrics[0] with { Name = $"{name}{index}" })];
        var comparison = result.Comparisons[0];
        result = result with
        {
            Metrics = metrics,
            Comparisons = [.. metrics.SelectMany(metric => new[] { "v2", "v3" }, (metric, variant) => comparison with { Metric = metric.Name, Variant = variant })],
            Gate = result.Gate with { Incomplete = [.. Enumerable.Range(0, 100).Select(index => $"{index} {new string('<', 2000)}")] },
        };

        var text = MarkdownReport.Text(result);

        text.Length.ShouldBeInRange(40_000, MarkdownReport.MostCharacters);
        text.ShouldEndWith("What is left out here stands in report.html.*\n");
    }

    [Fact]
    public void Markdown_ShowsTheLargestLossesAndWins()
    {
        var result = SampleResults.Plain();
        CaseDifference[] all = [.. CaseDifference.Of(result, result.Comparisons.First(each => each is { Metric: "rouge_l", Tag: null })).OrderBy(each => each.Gain)];

        var block = MarkdownReport.Text(result).Split("<details>").Single(part => part.Contains("<summary>rouge_l", StringComparison.Ordinal));

        block.ShouldContain($"| {all[0].Case.Id} |");
        block.ShouldContain($"| {all[^1].Case.Id} |");
        block.Split('\n').Count(line => line.StartsWith("| case-", StringComparison.Ordinal)).ShouldBe(10);
    }

    // As a terminal of a width that has no colours.
    private static string Terminal(EvaluationResult result, int width, params string[] files)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = width;
        TerminalReport.Write(console, result, files);
        return writer.ToString().ReplaceLineEndings("\n");
    }

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex UnescapedPipe();

    [GeneratedRegex(@"\\(.)")]
    private static partial Regex Escape();

    [GeneratedRegex(@"\s{2,}")]
    private static partial Regex Gaps();
}
