using LlmOps.Evaluator.Comparison;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Evaluator.Comparison;

public sealed class SummariesTests
{
    [Fact]
    public void Scores_AreSummedUpByCase()
    {
        double[] values = [1, 2, 3, 4, 10];
        CaseResult[] cases = [.. ScoredCases.Differing(values).Select((@case, index) => @case with { Weight = index == 4 ? 2 : 1 })];

        var summary = Of(ScoredCases.Metric(), cases)[1];

        (summary.Variant, summary.Metric, summary.Cases, summary.Missing).ShouldBe(("v2", "score", 5, 0));
        summary.Mean!.Value.ShouldBe(5, 1e-12);
        summary.Interval.ShouldBe(BcaBootstrap.OfMean(values, [1, 1, 1, 1, 2], seed: 1));
        summary.Median.ShouldBe(3);
        summary.P95!.Value.ShouldBe(8.8, 1e-12);
        summary.StandardDeviation!.Value.ShouldBe(Math.Sqrt(50 / 4.0), 1e-12);
    }

    [Fact]
    public void Passes_HaveWilsonsInterval()
    {
        var summary = Of(ScoredCases.Metric(kind: MetricKind.Pass), ScoredCases.Differing(1, 1, 1, 0, 1))[1];

        (summary.Mean, summary.Interval).ShouldBe((0.8, new Proportion(4, 5).Interval()));
    }

    [Fact]
    public void NoScores_AreASummaryOfNone()
    {
        var summary = Of(ScoredCases.Metric(), [ScoredCases.Case(0, ScoredCases.FailedAnswer("v1"), ScoredCases.FailedAnswer("v2"))])[0];

        summary.ShouldBe(new MetricSummary { Variant = "v1", Metric = "score", Cases = 0, Missing = 1 });
    }

    [Fact]
    public void JudgeOfTwo_SaysNothingOfTheBaselineAlone() =>
        Of(ScoredCases.Metric() with { IsPairwise = true }, ScoredCases.Differing(1, 0)).ShouldHaveSingleItem().Variant.ShouldBe("v2");

    private static IReadOnlyList<MetricSummary> Of(Metric metric, CaseResult[] cases) =>
        EvaluationComparison.Compare(ScoredCases.Variants("v1", "v2"), [metric], cases, [], ScoredCases.Settings).Summaries;
}
