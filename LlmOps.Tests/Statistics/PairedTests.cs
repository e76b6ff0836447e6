using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

/// <summary>Means of pairs: by Student's t, by resampling, by turning signs.</summary>
public sealed class PairedTests
{
    // R's documentation of t.test: Pair(extra.1, extra.2) ~ 1.
    [Fact]
    public void Sleep_HasItsPublishedResult()
    {
        var comparison = PairedTTest.Compare(KnownData.SleepSecond, KnownData.SleepFirst)!;

        comparison.Statistic.ShouldBe(-4.0621, 0.00005);
        comparison.DegreesOfFreedom.ShouldBe(9);
        comparison.PValue.ShouldBe(0.002833, 0.0000005);
        comparison.Interval.Low.ShouldBe(-2.4598858, 1e-6);
        comparison.Interval.High.ShouldBe(-0.7001142, 1e-6);
    }

    // Fisher 1935, sections 17 and 21: t = 2.148; of 32,768 arrangements 1,726 are as far from zero.
    [Fact]
    public void Maize_HasFishersResults()
    {
        PairedTTest.Compare(new double[15], KnownData.Maize)!.Statistic.ShouldBe(2.148, 0.0005);
        SignFlipTest.PValue(new double[15], KnownData.Maize, seed: 1).ShouldBe(1_726 / 32_768.0);
        SignFlipTest.PValue(KnownData.Maize, new double[15], seed: 1).ShouldBe(1_726 / 32_768.0);
    }

    [Fact]
    public void MorePairsThanCanBeTurnedInAllWays_AreSampled()
    {
        var differences = Draws.Normal(new Random(5), 60, 0.25);

        var pValue = SignFlipTest.PValue(new double[60], differences, seed: 6, draws: 20_000)!.Value;

        // With so many pairs of normal differences both tests say nearly the same.
        pValue.ShouldBe(PairedTTest.Compare(new double[60], differences)!.PValue, 0.01);
        SignFlipTest.PValue(new double[60], differences, seed: 6, draws: 20_000).ShouldBe(pValue);
    }

    [Fact]
    public void Bootstrap_IsNearTheKnownErrorOfAMean()
    {
        var differences = Draws.LogNormal(new Random(7), 500);

        var comparison = PairedBootstrap.Compare(new double[500], differences, seed: 8)!;

        var moments = Moments.Of(differences);
        comparison.Difference.ShouldBe(moments.Mean, 1e-12);
        comparison.Interval.Width.ShouldBe(2 * 1.96 * Math.Sqrt(moments.Variance!.Value / 500), 0.03);
        comparison.PValue.ShouldBe(2.0 / (QuantileTest.DefaultDraws + 1));
        PairedBootstrap.Compare(new double[500], differences, seed: 8).ShouldBe(comparison);
    }

    [Theory]
    [InlineData(new double[] { }, new double[] { })]
    [InlineData(new[] { 1.0 }, new[] { 3.0 })]
    [InlineData(new[] { 1.0, 2 }, new[] { 2.0, double.NaN })]
    [InlineData(new[] { 1.0, 2, 3 }, new[] { 2.0, 3, 4 })]
    public void TooLittleData_IsNoResult(double[] baseline, double[] variant)
    {
        PairedTTest.Compare(baseline, variant).ShouldBeNull();
        PairedBootstrap.Compare(baseline, variant, seed: 1).ShouldBeNull();
    }

    [Fact]
    public void NoPairDiffers_IsNoResult() => SignFlipTest.PValue([1, 2, double.NaN], [1, 2, 3], seed: 1).ShouldBeNull();
}
