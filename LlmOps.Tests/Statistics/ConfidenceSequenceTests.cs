using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

/// <summary>The always-valid comparison, and the guard rail that looks at it.</summary>
public sealed class ConfidenceSequenceTests
{
    [Fact]
    public void Interval_IsThatOfTheTheorem()
    {
        // Written out: t = 2,000, s² = t (4/800 + 9/1,200), ρ² for t = 2,000 and 0.05.
        var rho = Math.Sqrt(((-2 * Math.Log(0.05)) + Math.Log((-2 * Math.Log(0.05)) + 1)) / 2_000);
        var s = Math.Sqrt(2_000 * ((4 / 800.0) + (9 / 1_200.0)));
        var v = 2_000 * rho * rho;
        var half = s * Math.Sqrt(2 * (v + 1) / (2_000.0 * 2_000 * rho * rho) * Math.Log(Math.Sqrt(v + 1) / 0.05));

        var comparison = new ConfidenceSequence(0.05, 2_000).Compare(Moments.Of(800, 10, 4), Moments.Of(1_200, 10.2, 9))!;

        comparison.Difference.ShouldBe(0.2, 1e-12);
        comparison.Interval.Low.ShouldBe(0.2 - half, 1e-9);
        comparison.Interval.High.ShouldBe(0.2 + half, 1e-9);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.05)]
    [InlineData(0.3)]
    public void PValue_IsTheLevelAtWhichTheIntervalEndsAtZero(double alpha)
    {
        var (baseline, variant) = (Moments.Of(1_000, 0, 1), Moments.Of(1_000, 1, 1));
        var sequence = new ConfidenceSequence(alpha);
        var half = sequence.Compare(baseline, variant)!.Interval.Width / 2;

        sequence.Compare(baseline, Moments.Of(1_000, half, 1))!.PValue.ShouldBe(alpha, 1e-9);
    }

    [Fact]
    public void GroupsSwapped_TurnTheSign()
    {
        var sequence = new ConfidenceSequence();
        var (one, other) = (sequence.Compare(Moments.Of(300, 1, 2), Moments.Of(500, 2, 5))!, sequence.Compare(Moments.Of(500, 2, 5), Moments.Of(300, 1, 2))!);

        other.Difference.ShouldBe(-one.Difference);
        other.PValue.ShouldBe(one.PValue, 1e-12);
        other.Interval.Low.ShouldBe(-one.Interval.High, 1e-12);
    }

    [Fact]
    public void TooLittleData_IsNoResult()
    {
        var sequence = new ConfidenceSequence();

        sequence.Compare(Moments.Of(99, 1, 2), Moments.Of(500, 2, 5)).ShouldBeNull();
        sequence.Compare(Moments.Of(500, 1, 0), Moments.Of(500, 2, 0)).ShouldBeNull();
        sequence.Compare(Moments.Of(500, double.NaN, 1), Moments.Of(500, 2, 1)).ShouldBeNull();
        new GuardRail(sequence).Judge(default, default, MetricDirection.LowerIsBetter).ShouldBeNull();
        new GuardRail(sequence).JudgeShare(default, default, MetricDirection.LowerIsBetter, 0.1).ShouldBeNull();
    }

    [Theory]
    [InlineData(false, 100, 130, 0, true)]
    [InlineData(false, 100, 130, 40, false)]
    [InlineData(false, 130, 100, 0, false)]
    [InlineData(true, 130, 100, 0, true)]
    [InlineData(true, 130, 100, 40, false)]
    [InlineData(true, 100, 130, 0, false)]
    [InlineData(false, 100, 100.5, 0, false)]
    public void Variant_IsClearlyWorse(bool isHigherBetter, double baseline, double variant, double tolerance, bool isWorse)
    {
        var guard = new GuardRail(new ConfidenceSequence());

        var verdict = guard.Judge(Moments.Of(1_000, baseline, 400), Moments.Of(1_000, variant, 400), isHigherBetter ? MetricDirection.HigherIsBetter : MetricDirection.LowerIsBetter, tolerance)!;

        verdict.IsClearlyWorse.ShouldBe(isWorse);
        verdict.Worsening.ShouldBe((isHigherBetter ? baseline - variant : variant - baseline) - tolerance, 1e-9);
        verdict.Bound.ShouldBeLessThan(verdict.Worsening);
    }

    [Theory]
    [InlineData(false, 115, 0.1, true)]
    [InlineData(false, 109, 0.1, false)]
    [InlineData(true, 85, 0.1, true)]
    [InlineData(true, 91, 0.1, false)]
    public void ShareOfTheBaseline_IsTolerated(bool isHigherBetter, double variant, double share, bool isWorse) =>
        new GuardRail(new ConfidenceSequence()).JudgeShare(Moments.Of(5_000, 100, 400), Moments.Of(5_000, variant, 400), isHigherBetter ? MetricDirection.HigherIsBetter : MetricDirection.LowerIsBetter, share)!.IsClearlyWorse.ShouldBe(isWorse);
}
