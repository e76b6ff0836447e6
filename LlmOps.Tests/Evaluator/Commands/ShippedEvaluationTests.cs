using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;
using LlmOps.Tests.Docs;
using LlmOps.Tests.Evaluator.Reports;

namespace LlmOps.Tests.Evaluator.Commands;

/// <summary>The README's command, on the shipped dataset and the offline model: every number of its reports is worked out again from report.json.</summary>
public sealed partial class ShippedEvaluationTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private const double Near = 1e-9;

    private static readonly string Prompts = Path.Combine(GeneratedDocs.RepositoryRoot(), "prompts");

    private readonly EvaluatorRun _evaluator = new();
    private EvaluationResult _report = null!;

    public async Task InitializeAsync()
    {
        (await _evaluator.RunAsync("compare", "summarizer", "v1", "v2", "--prompts", Prompts, "--output", _evaluator.Output)).ShouldBe(0, _evaluator.Said);
        _report = await _evaluator.ReportAsync();
    }

    public Task DisposeAsync()
    {
        _evaluator.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Scores_AreThoseOfTheAnswers()
    {
        using var nobody = new GatewayClient(new Uri("http://127.0.0.1:1"), null, TimeSpan.FromSeconds(1));
        var cases = (await Dataset.ReadAsync(Path.Combine(Prompts, "summarizer", "dataset.jsonl"), default)).Cases.ToDictionary(each => each.Id);
        _report.Cases.Select(each => each.Id).ShouldBe(cases.Keys);
        foreach (var metric in _report.Metrics)
        {
            var evaluator = await EvaluatorCatalogue.MakeAsync(new EvaluatorSpec(metric.Type, metric.Name, metric.Settings), new EvaluatorContext(nobody, null), default);
            foreach (var (of, result) in _report.Cases.SelectMany(each => each.Answers.Select(answer => (each.Id, answer))))
            {
                var score = await evaluator.ScoreAsync(new ScoredAnswer(cases[of], result.Answer!, null), default);

                result.Scores.GetValueOrDefault(metric.Name)?.Value.ShouldBe(score?.Value, $"{metric.Name} of {of}");
            }
        }
    }

    [Fact]
    public void Summaries_AreThoseOfTheScores()
    {
        foreach (var summary in _report.Summaries)
        {
            double[] values = [.. Values(summary.Variant, summary.Metric).Values.Order()];

            summary.Cases.ShouldBe(values.Length);
            summary.Missing.ShouldBe(0);
            summary.Mean!.Value.ShouldBe(values.Average(), Near);
            summary.Median!.Value.ShouldBe(values.Length % 2 == 1 ? values[values.Length / 2] : (values[(values.Length / 2) - 1] + values[values.Length / 2]) / 2, Near);
            var place = 0.95 * (values.Length - 1);
            summary.P95!.Value.ShouldBe(values[(int)place] + ((place - (int)place) * (values[Math.Min((int)place + 1, values.Length - 1)] - values[(int)place])), Near);
            summary.StandardDeviation!.Value.ShouldBe(Math.Sqrt(values.Sum(value => Math.Pow(value - values.Average(), 2)) / (values.Length - 1)), Near);
        }

        _report.Summaries.Count.ShouldBe(_report.Variants.Count * _report.Metrics.Count);
    }

    [Fact]
    public void Comparisons_AreThoseOfTheScores()
    {
        foreach (var comparison in _report.Comparisons)
        {
            var metric = _report.Metrics.Single(each => each.Name == comparison.Metric);
            var (baseline, variant) = Pairs(comparison);
            double[] differences = [.. variant.Zip(baseline, (one, other) => one - other)];
            var better = metric.Direction == MetricDirection.HigherIsBetter ? 1 : -1;

            comparison.Cases.ShouldBe(differences.Length);
            comparison.BaselineMean!.Value.ShouldBe(baseline.Average(), Near);
            comparison.VariantMean!.Value.ShouldBe(variant.Average(), Near);
            comparison.Wins.ShouldBe(differences.Count(difference => difference * better > Near));
            comparison.Losses.ShouldBe(differences.Count(difference => difference * better < -Near));
            comparison.Ties.ShouldBe(differences.Length - comparison.Wins - comparison.Losses);
            if (comparison.Verdict != Verdict.TooFewCases)
            {
                TestsAre(comparison, metric, baseline, variant, differences);
            }
        }
    }

    [Fact]
    public void Verdicts_FollowFromTheCorrectedPValues()
    {
        foreach (var family in _report.Comparisons.GroupBy(each => (IsTag: each.Tag is not null, _report.Metrics.Single(metric => metric.Name == each.Metric).IsQuality)))
        {
            List<MetricComparison> tested = [.. family.Where(each => each.PValue is not null).OrderBy(each => each.PValue)];
            var least = 0.0;
            foreach (var (rank, comparison) in tested.Index())
            {
                least = Math.Max(least, Math.Min(1, (tested.Count - rank) * comparison.PValue!.Value));
                comparison.AdjustedPValue!.Value.ShouldBe(least, Near);
            }

            foreach (var comparison in family.Where(each => each.Verdict != Verdict.TooFewCases))
            {
                var isFound = comparison.AdjustedPValue <= 0.05;
                comparison.Verdict.ShouldBe(isFound ? (comparison.Wins > comparison.Losses ? Verdict.Better : Verdict.Worse) : Verdict.NoDifference, comparison.Words);
            }

            family.Where(each => each.Verdict == Verdict.TooFewCases).ShouldAllBe(each => each.Cases < 10);
        }
    }

    [Fact]
    public void Terminal_HasTheNumbersOfTheReport()
    {
        var lines = _evaluator.Said.Split('\n').SkipWhile(line => !line.Contains("Metric ", StringComparison.Ordinal));
        string[][] rows = [.. lines.Skip(2).TakeWhile(line => line.Trim().Length > 0).Select(line => Gaps().Split(line.Trim()))];

        ShownVerdicts.ShouldBeOf(File.ReadAllText(_evaluator.LatestReport()), "v2", rows);
    }

    [Fact]
    public void Report_SaysHowItWasMade()
    {
        var root = JsonElement.Parse(File.ReadAllText(_evaluator.LatestReport()));

        root.GetProperty("run").GetProperty("calls").GetInt64().ShouldBe(2 * _report.Cases.Count);
        root.GetProperty("run").GetProperty("dataset").GetString().ShouldBe("dataset.jsonl");
        _report.Cases.SelectMany(each => each.Answers).ShouldAllBe(answer => answer.Answer!.Provider == "offline");
        Directory.GetFiles(Path.GetDirectoryName(_evaluator.LatestReport())!).Select(Path.GetFileName).Order().ShouldBe(["report.csv", "report.html", "report.json", "report.md", "report.xml"]);
    }

    [ChromiumFact]
    public async Task Page_DrawsSortsAndFilters_WithoutAComplaint()
    {
        await using var report = await chromium.OpenAsync(Path.ChangeExtension(_evaluator.LatestReport(), "html"));

        var cells = await report.EvaluateAsync<string[][]>(
            "() => [...document.querySelectorAll('table.verdicts tr.numbers')].map(row => [row.querySelector('bdi'), ...[...row.children].slice(1)].map(cell => cell.textContent.trim().replace(/\\s+/g, ' ')))");

        ShownVerdicts.ShouldBeOf(File.ReadAllText(_evaluator.LatestReport()), "v2", [.. cells.Select(row => new[] { row[0], row[2], row[3], row[4], row[1] })]);
        (await report.Page.Locator("svg").CountAsync()).ShouldBeGreaterThan(2);
        report.Said.ShouldBeEmpty();
        report.Requested.Count.ShouldBe(1);
    }

    private void TestsAre(MetricComparison comparison, Metric metric, double[] baseline, double[] variant, double[] differences)
    {
        switch (metric.Kind)
        {
            case MetricKind.Amount:
                var ranks = SignedRankTest.Compare(baseline, variant);
                comparison.PValue.ShouldBe(ranks?.PValue);
                comparison.Difference!.Value.ShouldBe(ranks?.Shift ?? 0, Near);
                comparison.Interval.ShouldBe(ranks?.Interval);
                break;
            case MetricKind.Pass:
                var (lost, won) = (differences.Count(difference => difference < 0), differences.Count(difference => difference > 0));
                var passes = McNemarTest.Compare(lost, won, differences.Length)!;
                comparison.PValue.ShouldBe(lost + won > 0 ? passes.PValue : null);
                comparison.Difference!.Value.ShouldBe(variant.Average() - baseline.Average(), Near);
                comparison.Interval.ShouldBe(passes.Interval);
                break;
            default:
                comparison.PValue.ShouldBe(SignFlipTest.Test(differences, _report.Run.Seed)?.PValue);
                comparison.Difference!.Value.ShouldBe(differences.Average(), Near);
                comparison.Interval.ShouldBe(BcaBootstrap.OfMean(differences, [.. differences.Select(_ => 1.0)], _report.Run.Seed, 0.95));
                break;
        }
    }

    private (double[] Baseline, double[] Variant) Pairs(MetricComparison comparison)
    {
        var (baseline, variant) = (Values(comparison.Baseline, comparison.Metric), Values(comparison.Variant, comparison.Metric));
        List<string> both = [.. _report.Cases.Where(each => comparison.Tag is null || each.Tags.Contains(comparison.Tag)).Select(each => each.Id).Where(id => baseline.ContainsKey(id) && variant.ContainsKey(id))];
        return ([.. both.Select(id => baseline[id])], [.. both.Select(id => variant[id])]);
    }

    private Dictionary<string, double> Values(string variant, string metric) =>
        _report.Cases.Select(each => (each.Id, each.Answers.Single(answer => answer.Variant == variant).Scores.GetValueOrDefault(metric)?.Value))
            .Where(each => each.Value is not null).ToDictionary(each => each.Id, each => each.Value!.Value);

    [GeneratedRegex(@"\s{2,}")]
    private static partial Regex Gaps();
}
