using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

/// <summary>Means of pairs: by Student's t, by turning signs.</summary>
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
        SignFlipTest.Test(KnownData.Maize, seed: 1)!.ExactPValue.ShouldBe(1_726 / 32_768.0);
        SignFlipTest.Test(Array.ConvertAll(KnownData.Maize, height => -height), seed: 1)!.ExactPValue.ShouldBe(1_726 / 32_768.0);
    }

    [Fact]
    public void MorePairsThanCanBeTurnedInAllWays_AreSampled()
    {
        var differences = Draws.Normal(new Random(5), 60, 0.25);

        var result = SignFlipTest.Test(differences, seed: 6)!;

        // With so many pairs of normal differences both tests say nearly the same.
        result.PValue.ShouldBe(PairedTTest.Compare(new double[60], differences)!.PValue, 0.01);
        SignFlipTest.Test(differences, seed: 6).ShouldBe(result);
    }

    [Theory]
    [InlineData(new double[] { }, new double[] { })]
    [InlineData(new[] { 1.0 }, new[] { 3.0 })]
    [InlineData(new[] { 1.0, 2 }, new[] { 2.0, double.NaN })]
    [InlineData(new[] { 1.0, 2, 3 }, new[] { 2.0, 3, 4 })]
    public void TooLittleData_IsNoResult(double[] baseline, double[] variant) => PairedTTest.Compare(baseline, variant).ShouldBeNull();

    // Differences of one size are McNemar's cases: the sums are binomial.
    [Theory]
    [InlineData(1, 7)]
    [InlineData(5, 20)]
    [InlineData(30, 12)]
    public void DifferencesOfOneSize_AreMcNemarsCases(int below, int above)
    {
        var result = SignFlipTest.Test([.. Enumerable.Repeat(1.5, above), .. Enumerable.Repeat(-1.5, below), 0, 0], seed: 3)!;

        var comparison = McNemarTest.Compare(below, above, below + above + 2)!;
        result.PValue.ShouldBe(comparison.PValue, 0.0005);
        result.ExactPValue.ShouldBe(comparison.ExactPValue, 0.0005);
    }

    [Fact]
    public void WhatIsNeverSeen_IsRarerThanOneOfTheDraws() =>
        SignFlipTest.Test([.. Enumerable.Repeat(1.0, 60)], seed: 3, draws: 5_000)!.ExactPValue.ShouldBe(1 / 5_001.0);

    // 2, 3 and 4 reach 9 with all signs the same, 2 of 8; just as far counts half in the mid-p.
    [Fact]
    public void Weights_MultiplyDifferences() => SignFlipTest.Test([2 * 1.0, 1 * 3.0, 2 * 2.0], seed: 1).ShouldBe(new SignFlipResult(0.125, 0.25));

    [Fact]
    public void NoPairDiffers_IsNoResult()
    {
        SignFlipTest.Test([0, 0, 0], seed: 1).ShouldBeNull();
        SignFlipTest.Test([], seed: 1).ShouldBeNull();
    }
}
