using LlmOps.Evaluator.Comparison;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Evaluator.Comparison;

public sealed class EvaluationComparisonTests
{
    // All of ten differences up: a mid-p of 1 / 1,024.
    private static readonly double[] Up = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

    // 3 of them down: 0.1 is far from it.
    private static readonly double[] Mixed = [1, 2, 3, -4, 5, 6, 7, -8, 9, -10];

    [Theory]
    [InlineData(MetricDirection.HigherIsBetter, true)]
    [InlineData(MetricDirection.LowerIsBetter, false)]
    public void Difference_IsBetterByTheMetricsDirection(object direction, bool isBetter)
    {
        var up = ScoredCases.Compare(ScoredCases.Differing(Up), ScoredCases.Metric(direction: (MetricDirection)direction));
        var down = ScoredCases.Compare(ScoredCases.Of(Up, new double[10]), ScoredCases.Metric(direction: (MetricDirection)direction));

        (up.Verdict, down.Verdict).ShouldBe(isBetter ? (Verdict.Better, Verdict.Worse) : (Verdict.Worse, Verdict.Better));
        (up.Wins, up.Losses).ShouldBe(isBetter ? (10, 0) : (0, 10));
    }

    [Fact]
    public void WhatChanceExplains_IsNoDifference()
    {
        var comparison = ScoredCases.Compare(ScoredCases.Differing(Mixed));

        comparison.PValue!.Value.ShouldBeGreaterThan(0.05);
        comparison.Verdict.ShouldBe(Verdict.NoDifference);
    }

    [Fact]
    public void FewerCasesThanAreToBeThere_AreTooFew()
    {
        var comparison = ScoredCases.Compare(ScoredCases.Differing(Up[..9]));

        comparison.Verdict.ShouldBe(Verdict.TooFewCases);
        (comparison.Cases, comparison.Difference, comparison.Wins).ShouldBe((9, 5, 9));
        (comparison.PValue, comparison.AdjustedPValue, comparison.Interval, comparison.DetectableDifference, comparison.Test).ShouldBe((null, null, null, null, null));
        ScoredCases.Compare(ScoredCases.Differing(Up[..9]), settings: ScoredCases.Settings with { MinCases = 9 }).Verdict.ShouldBe(Verdict.Better);
    }

    [Fact]
    public void NoCases_AreTooFew()
    {
        var comparison = ScoredCases.Compare([]);

        comparison.Verdict.ShouldBe(Verdict.TooFewCases);
        (comparison.BaselineMean, comparison.VariantMean, comparison.Difference).ShouldBe((null, null, null));
    }

    [Theory]
    [InlineData(MetricKind.Score)]
    [InlineData(MetricKind.Pass)]
    [InlineData(MetricKind.Amount)]
    public void ScoresThatAreAllTheSame_AreNoDifference(object kind)
    {
        var comparison = ScoredCases.Compare(ScoredCases.Of([.. Enumerable.Repeat(1.0, 12)], [.. Enumerable.Repeat(1.0, 12)]), ScoredCases.Metric(kind: (MetricKind)kind));

        comparison.Verdict.ShouldBe(Verdict.NoDifference);
        (comparison.Difference, comparison.Ties, comparison.PValue, comparison.EffectSize).ShouldBe((0, 12, null, null));
        comparison.Words.ShouldContain("the same in each of 12 cases");
    }

    [Fact]
    public void Repeats_CountAsTheirMean()
    {
        CaseResult[] cases =
        [
            .. Enumerable.Range(0, 10).Select(number => ScoredCases.Case(
                number,
                ScoredCases.Answer("v1", "score", new Score(0.7), 1),
                ScoredCases.Answer("v1", "score", new Score(0.8), 2),
                ScoredCases.Answer("v1", "score", new Score(0.9), 3),
                ScoredCases.Answer("v2", "score", new Score(0.9), 1),
                ScoredCases.Answer("v2", "score", new Score(0.8), 2),
                ScoredCases.Answer("v2", "score", new Score(number == 0 ? 1.0 : 0.7), 3))),
        ];

        var comparison = ScoredCases.Compare(cases);

        // Sums in another order differ in their last digits, and are ties all the same.
        (comparison.Cases, comparison.Wins, comparison.Ties).ShouldBe((10, 1, 9));
        comparison.Difference!.Value.ShouldBe(0.01, 1e-9);
    }

    [Fact]
    public void FailedScoresAndAnswers_AreMissingAndNeverZero()
    {
        CaseResult[] cases =
        [
            .. ScoredCases.Differing(Up),
            ScoredCases.Case(10, ScoredCases.Answer("v1", "score", new Score(5)), ScoredCases.Answer("v2", "score", Score.Failed("no JSON"))),
            ScoredCases.Case(11, ScoredCases.FailedAnswer("v1"), ScoredCases.Answer("v2", "score", new Score(5))),
            ScoredCases.Case(12, ScoredCases.FailedAnswer("v1"), ScoredCases.FailedAnswer("v2")),
            ScoredCases.Case(13, ScoredCases.Answer("v1", "score", new Score(5))),
        ];

        var comparison = ScoredCases.Compare(cases);

        (comparison.Cases, comparison.Missing).ShouldBe((10, 4));
        (comparison.BaselineMean, comparison.VariantMean).ShouldBe((0, 5.5));
    }

    [Fact]
    public void CasesThatAMetricDoesNotApplyTo_AreNotMissing()
    {
        CaseResult[] cases =
        [
            .. ScoredCases.Differing(Up),
            ScoredCases.Case(10, ScoredCases.Answer("v1", "score", null), ScoredCases.Answer("v2", "score", null)),
            ScoredCases.Case(11, ScoredCases.FailedAnswer("v1"), ScoredCases.Answer("v2", "score", null)),
            ScoredCases.Case(12, ScoredCases.Answer("v1", "score", new Score(5)), ScoredCases.Answer("v2", "score", null)),
        ];

        var comparison = ScoredCases.Compare(cases);

        (comparison.Cases, comparison.Missing).ShouldBe((10, 0));
    }

    [Fact]
    public void RepeatThatFailed_LeavesTheOthers()
    {
        var cases = ScoredCases.Differing(Up);
        cases[0] = ScoredCases.Case(
            0,
            ScoredCases.Answer("v1", "score", new Score(0)),
            ScoredCases.Answer("v2", "score", new Score(7), 1),
            ScoredCases.Answer("v2", "score", Score.Failed("no JSON"), 2),
            ScoredCases.FailedAnswer("v2", 3));

        var result = EvaluationComparison.Compare(ScoredCases.Variants("v1", "v2"), [ScoredCases.Metric()], cases, [], ScoredCases.Settings);

        (result.Comparisons[0].Cases, result.Comparisons[0].Missing).ShouldBe((10, 0));
        result.Comparisons[0].VariantMean!.Value.ShouldBe(6.1, 1e-12);
        result.Summaries.Select(summary => summary.Missing).ShouldBe([0, 2]);
    }

    [Fact]
    public void JudgeOfTwoWithoutABaselinesAnswer_IsMissing()
    {
        CaseResult[] cases = [ScoredCases.Case(0, ScoredCases.FailedAnswer("v1"), ScoredCases.Answer("v2", "score", null))];

        ScoredCases.Compare(cases, ScoredCases.Metric() with { IsPairwise = true }).Missing.ShouldBe(1);
    }

    [Fact]
    public void Metrics_AreCorrectedTogetherByTheirKind()
    {
        Metric[] metrics =
        [
            ScoredCases.Metric("one"), ScoredCases.Metric("two"), ScoredCases.Metric("same"), ScoredCases.Metric("ms", MetricKind.Amount) with { IsQuality = false },
        ];
        double[] nearly = [1, 2, 3, 4, 5, 6, 7, 8, -1, -2];

        var comparisons = EvaluationComparison.Compare(ScoredCases.Variants("v1", "v2"), metrics, Scored(Up, nearly, new double[10], Up), ScoredCases.Settings);

        // What is the same in all cases can never be a false alarm, and is not counted.
        comparisons.Select(comparison => comparison.Metric).ShouldBe(["one", "two", "same", "ms"]);
        comparisons[0].AdjustedPValue.ShouldBe(2 * comparisons[0].PValue);
        comparisons[1].AdjustedPValue.ShouldBe(comparisons[1].PValue);
        comparisons[2].AdjustedPValue.ShouldBeNull();
        comparisons[3].AdjustedPValue.ShouldBe(comparisons[3].PValue);
        comparisons[3].PValue.ShouldBe(2 / 1_024.0);
    }

    [Fact]
    public void DetectableDifference_IsAtTheLevelThatCorrectionLeaves()
    {
        Metric[] metrics = [ScoredCases.Metric("one"), ScoredCases.Metric("two")];

        var comparisons = EvaluationComparison.Compare(ScoredCases.Variants("v1", "v2"), metrics, Scored(Mixed, Up), ScoredCases.Settings);

        var error = Math.Sqrt(Moments.Of(Mixed).Variance!.Value / 10);
        comparisons[0].DetectableDifference!.Value.ShouldBe(DetectableEffect.OfPairs(error, 9, 0.025)!.Value, 1e-9);
        comparisons[0].Interval.ShouldBe(ScoredCases.Compare(ScoredCases.Differing(Mixed)).Interval);
    }

    [Fact]
    public void DifferenceThatIsAskedFor_IsToldItsCases()
    {
        var settings = ScoredCases.Settings with { Detect = new Dictionary<string, double> { ["score"] = 0.1 } };

        ScoredCases.Compare(ScoredCases.Differing(Mixed), settings: settings).CasesNeeded.ShouldBe(SampleSize.ForPairs(Math.Sqrt(Moments.Of(Mixed).Variance!.Value), 0.1, 0.05));
        ScoredCases.Compare(ScoredCases.Of([1, .. new double[19]], [0, 1, 1, .. new double[17]]), ScoredCases.Metric(kind: MetricKind.Pass), settings)
            .CasesNeeded.ShouldBe(SampleSize.ForPairedRates(0.15, 0.1, 0.05));
        ScoredCases.Compare(ScoredCases.Differing(Mixed), ScoredCases.Metric("other"), settings).CasesNeeded.ShouldBeNull();
    }

    [Fact]
    public void SeveralVariants_AreEachComparedWithTheBaseline()
    {
        CaseResult[] cases =
        [
            .. Up.Select((value, index) => ScoredCases.Case(
                index, ScoredCases.Answer("v1", "score", new Score(0)), ScoredCases.Answer("v2", "score", new Score(value)), ScoredCases.Answer("v3", "score", new Score(-value)))),
        ];

        var comparisons = EvaluationComparison.Compare(ScoredCases.Variants("v1", "v2", "v3"), [ScoredCases.Metric()], cases, ScoredCases.Settings);

        comparisons.Select(comparison => (comparison.Baseline, comparison.Variant, comparison.Verdict)).ShouldBe([("v1", "v2", Verdict.Better), ("v1", "v3", Verdict.Worse)]);
        comparisons[0].AdjustedPValue.ShouldBe(2 * comparisons[0].PValue);
    }

    [Fact]
    public void Tags_AreAFamilyOfTheirOwn()
    {
        CaseResult[] cases = [.. ScoredCases.Differing([.. Up, .. Mixed, 1, 2]).Select((@case, index) => @case with { Tags = [index < 10 ? "easy" : index < 20 ? "hard" : "rare", "all"] })];

        var comparisons = EvaluationComparison.Compare(ScoredCases.Variants("v1", "v2"), [ScoredCases.Metric()], cases, ScoredCases.Settings);

        comparisons.Select(comparison => (comparison.Tag, comparison.Cases, comparison.Verdict))
            .ShouldBe([(null, 22, Verdict.Better), ("easy", 10, Verdict.Better), ("hard", 10, Verdict.NoDifference), ("rare", 2, Verdict.TooFewCases)]);
        comparisons[0].AdjustedPValue.ShouldBe(comparisons[0].PValue);
        comparisons[1].AdjustedPValue.ShouldBe(2 * comparisons[1].PValue);
        comparisons[1].Words.ShouldStartWith("Tag easy: v2 is better");
    }

    [Fact]
    public void TagsWithoutCasesOfAMetric_AreNotToldOf()
    {
        CaseResult[] cases =
        [
            .. ScoredCases.Differing(Up),
            ScoredCases.Case(10, ScoredCases.Answer("v1", "score", null), ScoredCases.Answer("v2", "score", null)) with { Tags = ["free text"] },
        ];

        EvaluationComparison.Compare(ScoredCases.Variants("v1", "v2"), [ScoredCases.Metric()], cases, ScoredCases.Settings).ShouldHaveSingleItem();
    }

    [Fact]
    public void ManyTags_AreLeftOutButForTheLargest()
    {
        CaseResult[] cases =
        [
            .. ScoredCases.Differing([.. Enumerable.Range(0, 700).Select(index => index % 7 - 2.0)]).Select((@case, index) => @case with { Tags = index < 110 ? [$"tag {index % 70}", "large"] : [$"tag {index % 70}"] }),
        ];

        var comparisons = EvaluationComparison.Compare(ScoredCases.Variants("v1", "v2"), [ScoredCases.Metric()], cases, ScoredCases.Settings);

        comparisons.Count.ShouldBe(1 + EvaluationComparison.MostTags);
        comparisons[1].Tag.ShouldBe("large");
        comparisons.ShouldAllBe(comparison => comparison.Cases >= 10);
    }

    [Fact]
    public void SameSeed_GivesTheSameFigures()
    {
        double[] differences = [.. Enumerable.Range(0, 60).Select(index => Math.Sin(index) + 0.2)];

        var (one, same, other) = (ScoredCases.Compare(ScoredCases.Differing(differences)), ScoredCases.Compare(ScoredCases.Differing(differences)),
            ScoredCases.Compare(ScoredCases.Differing(differences), settings: new ComparisonSettings { Seed = 2 }));

        same.ShouldBe(one);
        other.Interval.ShouldNotBe(one.Interval);
        other.Difference.ShouldBe(one.Difference);
    }

    private static CaseResult[] Scored(params double[][] differences)
    {
        string[] names = ["one", "two", "same", "ms"];
        AnswerResult Answer(string variant, Func<double[], double> value) =>
            ScoredCases.Answer(variant, "", null) with { Scores = differences.Zip(names).ToDictionary(each => each.Second, each => new Score(value(each.First))) };
        return [.. Enumerable.Range(0, 10).Select(index => ScoredCases.Case(index, Answer("v1", _ => 0), Answer("v2", values => values[index])))];
    }
}
