using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;
using LlmOps.Tests.Statistics;

namespace LlmOps.Tests.Evaluator.Comparison;

/// <summary>Every number of a comparison, for each kind of metric.</summary>
public sealed class PairTestsTests
{
    [Fact]
    public void Scores_HaveMeanDifferenceBcaIntervalAndSignFlips()
    {
        double[] baseline = [0.2, 0.4, 0.1, 0.5, 0.3, 0.6, 0.2, 0.4, 0.7, 0.5, 0.1, 0.3];
        double[] variant = [0.3, 0.4, 0.4, 0.9, 0.2, 0.8, 0.5, 0.5, 0.9, 0.5, 0.6, 0.4];

        var comparison = ScoredCases.Compare(ScoredCases.Of(baseline, variant));

        // Differences in tenths: 1, 0, 3, 4, -1, 2, 3, 1, 2, 0, 5, 1; their sum is 21, that of squares 71.
        comparison.Cases.ShouldBe(12);
        comparison.BaselineMean!.Value.ShouldBe(4.3 / 12, 1e-12);
        comparison.VariantMean!.Value.ShouldBe(6.4 / 12, 1e-12);
        comparison.Difference!.Value.ShouldBe(2.1 / 12, 1e-12);
        (comparison.Wins, comparison.Ties, comparison.Losses).ShouldBe((9, 2, 1));
        comparison.Test.ShouldBe("sign_flip");
        comparison.Interval.ShouldBe(BcaBootstrap.OfMean([.. baseline.Zip(variant, (one, other) => one == other ? 0 : other - one)], [.. Enumerable.Repeat(1.0, 12)], seed: 1));
        var (farther, asFar) = Turned([1, 3, 4, -1, 2, 3, 1, 2, 5, 1]);
        comparison.PValue!.Value.ShouldBe((farther + (asFar / 2.0)) / 1_024, 1e-12);
        comparison.ExactPValue!.Value.ShouldBe((farther + asFar) / 1_024.0, 1e-12);
        comparison.AdjustedPValue.ShouldBe(comparison.PValue);
        var deviation = Math.Sqrt((71 - (21.0 * 21 / 12)) / 11) / 10;
        comparison.EffectSizeName.ShouldBe("cohens_dz");
        comparison.EffectSize!.Value.ShouldBe(2.1 / 12 / deviation, 1e-9);

        // Student's t with 11 degrees of freedom: 2.20099 at 97.5 %, 0.87553 at 80 %.
        comparison.DetectableDifference!.Value.ShouldBe((2.20099 + 0.87553) * deviation / Math.Sqrt(12), 1e-5);
        comparison.CasesNeeded.ShouldBeNull();
        comparison.Verdict.ShouldBe(Verdict.Better);
    }

    // Fagerland, Lydersen, Laake 2013 (Bentur et al. 2009): 1 and 7 of 21 cases differ.
    [Fact]
    public void Passes_HaveRatesAndMcNemarsMidP()
    {
        double[] baseline = [1, .. new double[7], .. Enumerable.Repeat(1.0, 10), 0, 0, 0];
        double[] variant = [0, .. Enumerable.Repeat(1.0, 7), .. Enumerable.Repeat(1.0, 10), 0, 0, 0];

        var comparison = ScoredCases.Compare(ScoredCases.Of(baseline, variant), ScoredCases.Metric(kind: MetricKind.Pass));

        comparison.Test.ShouldBe("mcnemar_mid_p");
        comparison.PValue!.Value.ShouldBe(0.0390625, 1e-12);
        comparison.ExactPValue!.Value.ShouldBe(0.0703125, 1e-12);
        comparison.BaselineMean!.Value.ShouldBe(11 / 21.0, 1e-12);
        comparison.VariantMean!.Value.ShouldBe(17 / 21.0, 1e-12);
        comparison.Difference!.Value.ShouldBe(6 / 21.0, 1e-12);
        comparison.Interval!.Value.Low.ShouldBe(0.0133798, 1e-6);
        comparison.Interval!.Value.High.ShouldBe(0.5083593, 1e-6);
        comparison.EffectSizeName.ShouldBe("cohens_g");
        comparison.EffectSize!.Value.ShouldBe(7 / 8.0 - 0.5, 1e-12);
        (comparison.Wins, comparison.Ties, comparison.Losses).ShouldBe((7, 13, 1));
        comparison.DetectableDifference.ShouldBe(DetectableEffect.OfPairedRates(8 / 21.0, 21, 1 - 0.95));
        comparison.Verdict.ShouldBe(Verdict.Better);
    }

    // R's documentation of wilcox.test: V = 40, p = 0.0391; the shift is 0.46, its interval from 0.01 to 0.786.
    [Fact]
    public void Amounts_HaveTheShiftAndWilcoxonsTest()
    {
        var comparison = ScoredCases.Compare(
            ScoredCases.Of(KnownData.DepressionAfter, KnownData.DepressionBefore),
            ScoredCases.Metric(kind: MetricKind.Amount, direction: MetricDirection.LowerIsBetter),
            ScoredCases.Settings with { MinCases = 9 });

        comparison.Test.ShouldBe("wilcoxon");
        comparison.Difference!.Value.ShouldBe(0.46, 1e-9);
        comparison.Interval!.Value.Low.ShouldBe(0.01, 1e-9);
        comparison.Interval!.Value.High.ShouldBe(0.786, 1e-9);
        comparison.PValue!.Value.ShouldBe(0.0390625, 1e-12);
        comparison.ExactPValue.ShouldBeNull();
        comparison.BaselineMean!.Value.ShouldBe(12.013 / 9, 1e-9);
        comparison.VariantMean!.Value.ShouldBe(15.9 / 9, 1e-9);
        comparison.EffectSizeName.ShouldBe("rank_biserial");
        comparison.EffectSize!.Value.ShouldBe(35 / 45.0, 1e-12);
        (comparison.Wins, comparison.Losses).ShouldBe((2, 7));

        // Half the interval is 0.388; Student's t with 8 degrees of freedom: 2.30600 at 97.5 %, 0.88889 at 80 %.
        comparison.DetectableDifference!.Value.ShouldBe(0.388 / 1.959964 * (2.306004 + 0.888890), 1e-5);
        comparison.Verdict.ShouldBe(Verdict.Worse);
    }

    [Fact]
    public void AmountsThatMostlyDoNotDiffer_GoByTheirRanks()
    {
        double[] differences = [.. new double[50], 5, 7, 9, 11, 13, 15, 17];

        var comparison = ScoredCases.Compare(ScoredCases.Differing(differences), ScoredCases.Metric(kind: MetricKind.Amount));

        comparison.Difference.ShouldBe(0);
        comparison.EffectSize.ShouldBe(1);
        comparison.Verdict.ShouldBe(Verdict.Better);
        comparison.DetectableDifference!.Value.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void PassesOfSeveralRepeats_AreRatesWhoseSignsAreTurned()
    {
        CaseResult[] cases =
        [
            .. Enumerable.Range(0, 12).Select(number => ScoredCases.Case(
                number,
                ScoredCases.Answer("v1", "score", Score.Of(false), 1),
                ScoredCases.Answer("v1", "score", Score.Of(false), 2),
                ScoredCases.Answer("v2", "score", Score.Of(true), 1),
                ScoredCases.Answer("v2", "score", Score.Of(number == 0), 2))),
        ];

        var comparison = ScoredCases.Compare(cases, ScoredCases.Metric(kind: MetricKind.Pass));

        comparison.Test.ShouldBe("sign_flip");
        comparison.VariantMean!.Value.ShouldBe(6.5 / 12, 1e-12);
        comparison.PValue.ShouldBe(1 / 4_096.0);
    }

    [Theory]
    [InlineData(MetricKind.Pass)]
    [InlineData(MetricKind.Amount)]
    public void WeightsThatDiffer_CountInMeansIntervalsAndTests(object kind)
    {
        double[] variant = [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0];
        CaseResult[] cases = [.. ScoredCases.Differing(variant).Select((@case, index) => @case with { Weight = index < 3 ? 4 : 1 })];

        var comparison = ScoredCases.Compare(cases, ScoredCases.Metric(kind: (MetricKind)kind));

        double[] weights = [4, 4, 4, .. Enumerable.Repeat(1.0, 9)];
        comparison.Test.ShouldBe("sign_flip");
        comparison.VariantMean!.Value.ShouldBe(18 / 21.0, 1e-12);
        comparison.Difference!.Value.ShouldBe(18 / 21.0, 1e-12);
        comparison.Interval.ShouldBe(BcaBootstrap.OfMean(variant, weights, seed: 1));
        comparison.PValue.ShouldBe(SignFlipTest.Test([4, 4, 4, 1, 1, 1, 1, 1, 1], seed: 1)!.PValue);
        comparison.EffectSize!.Value.ShouldBe(18 / 21.0 / WeightedMean.Of(variant, weights).StandardDeviation, 1e-12);
        comparison.DetectableDifference!.Value.ShouldBe(WeightedMean.Of(variant, weights).StandardError * (2.20099 + 0.87553), 1e-5);
    }

    [Fact]
    public void JudgeOfTwo_GivesTheBaselineTheRest()
    {
        double[] scores = [1, 1, 1, 1, 1, 1, 1, 0.5, 0.5, 0, 0.75, 1];
        CaseResult[] cases =
        [
            .. scores.Select((score, index) => ScoredCases.Case(index, ScoredCases.Answer("v1", "preference", null), ScoredCases.Answer("v2", "preference", new Score(score)))),
        ];

        var comparison = ScoredCases.Compare(cases, ScoredCases.Metric("preference") with { IsPairwise = true });

        comparison.Cases.ShouldBe(12);
        comparison.VariantMean!.Value.ShouldBe(9.75 / 12, 1e-12);
        comparison.BaselineMean!.Value.ShouldBe(2.25 / 12, 1e-12);
        comparison.Difference!.Value.ShouldBe(7.5 / 12, 1e-12);
        (comparison.Wins, comparison.Ties, comparison.Losses).ShouldBe((9, 2, 1));
        comparison.PValue.ShouldBe(SignFlipTest.Test([1, 1, 1, 1, 1, 1, 1, -1, 0.5, 1], seed: 1)!.PValue);
    }

    // All 2^10 ways, by hand.
    private static (int Farther, int AsFar) Turned(int[] differences)
    {
        var sums = Enumerable.Range(0, 1 << differences.Length).Select(signs => Math.Abs(differences.Select((difference, index) => (signs >> index & 1) == 0 ? difference : -difference).Sum())).ToArray();
        return (sums.Count(sum => sum > differences.Sum()), sums.Count(sum => sum == differences.Sum()));
    }
}
