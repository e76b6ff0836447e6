using LlmOps.Gateway.Statistics;
using MathNet.Numerics.Distributions;

namespace LlmOps.Tests.Statistics;

/// <summary>Effects and the sizes they need.</summary>
public sealed class DetectableEffectTests
{
    // R's documentation of power.t.test: delta = 1, power = 0.9 needs 22.02110, by the exact distribution.
    [Fact]
    public void Means_NeedThePublishedSize()
    {
        SampleSize.ForMeans(1, 1, power: 0.9).ShouldBe(22);
        DetectableEffect.OfMeans(Moments.Of(22, 0, 1), Moments.Of(22, 5, 1), power: 0.9)!.Value.ShouldBe(1, 0.005);
    }

    // R's documentation of power.prop.test: 0.5 and 0.75 with power 0.9 need 76.7, and 50 have power 0.740.
    [Fact]
    public void Proportions_NeedThePublishedSize()
    {
        SampleSize.ForProportions(0.5, 0.75, power: 0.9).ShouldBe(77);
        DetectableEffect.OfProportions(0.5, 50, 50, power: 0.7401659)!.Value.ShouldBe(0.25, 1e-6);
    }

    [Theory]
    [InlineData(0.02, 0.03)]
    [InlineData(0.4, 0.45)]
    [InlineData(0, 0.01)]
    public void EffectOfTheNeededSize_IsThatEffect(double baseline, double variant)
    {
        var size = SampleSize.ForProportions(baseline, variant)!.Value;

        DetectableEffect.OfProportions(baseline, size, size)!.Value.ShouldBe(variant - baseline, (variant - baseline) / 100);
    }

    // Cohen 1988, and G*Power's first example of pairs: d_z = 0.5 needs 34 for a power of 0.8.
    [Fact]
    public void Pairs_NeedThePublishedSize()
    {
        SampleSize.ForPairs(1, 0.5).ShouldBe(34);
        SampleSize.ForPairs(20, -10).ShouldBe(34);
        DetectableEffect.OfPairs(1 / Math.Sqrt(34), 33)!.Value.ShouldBe(0.5, 0.005);
    }

    // Chow, Shao, Wang 2003, example 6.4.3: 0.2 and 0.5 of the cases differ one way and the other; 59.
    [Fact]
    public void PairedRates_NeedThePublishedSize()
    {
        SampleSize.ForPairedRates(0.7, 0.3).ShouldBe(59);
        SampleSize.ForPairedRates(0.7, -0.3).ShouldBe(59);
        SampleSize.ForPairedRates(0.7, DetectableEffect.OfPairedRates(0.7, 590)!.Value)!.Value.ShouldBeInRange(590, 591);
    }

    // Where fewer cases differ than the difference needs, all that differ do so in its direction: 5 have a mid-p of 0.031, and 5 or more of 100 is what a rate
    // of 6.6 % has in 80 %.
    [Fact]
    public void RatesThatHardlyDiffer_ShowADifferenceThatHasItsOwnCases()
    {
        var effect = DetectableEffect.OfPairedRates(0, 100)!.Value;

        Binomial.CDF(effect, 100, 4).ShouldBe(0.2, 1e-6);
        DetectableEffect.OfPairedRates(0.02, 100).ShouldBe(effect);
    }

    // All tables of 14 cases, by their probability.
    [Theory]
    [InlineData(0.5, 0.4, 0.05)]
    [InlineData(0.3, 0, 0.05)]
    [InlineData(0.8, 0.6, 0.01)]
    public void PowerOfMcNemar_IsThatOfAllTables(double differing, double effect, double alpha)
    {
        var tables = new Multinomial([(differing - effect) / 2, (differing + effect) / 2, 1 - differing], 14);
        var expected = 0.0;
        for (var onlyBaseline = 0; onlyBaseline <= 14; onlyBaseline++)
        {
            for (var onlyVariant = 0; onlyVariant <= 14 - onlyBaseline; onlyVariant++)
            {
                var isFound = McNemarTest.Compare(onlyBaseline, onlyVariant, 14)!.PValue <= alpha;
                expected += isFound ? tables.Probability([onlyBaseline, onlyVariant, 14 - onlyBaseline - onlyVariant]) : 0;
            }
        }

        new McNemarPower(alpha).Of(differing, effect, 14).ShouldBe(expected, 1e-9);
    }

    [Fact]
    public void Shift_HasTheErrorThatItsIntervalTells() => HodgesLehmann.StandardError(new Interval(-1.959964, 1.959964), 0.95).ShouldBe(1, 1e-6);

    [Fact]
    public void TooLittleData_IsNoResult()
    {
        DetectableEffect.OfMeans(Moments.Of(1, 0, 1), Moments.Of(22, 5, 1)).ShouldBeNull();
        DetectableEffect.OfProportions(0.5, 0, 10).ShouldBeNull();
        DetectableEffect.OfProportions(0.5, 2, 2).ShouldBeNull();
        DetectableEffect.OfProportions(double.NaN, 20, 20).ShouldBeNull();
        DetectableEffect.OfPairs(0, 9).ShouldBeNull();
        DetectableEffect.OfPairs(1, 0).ShouldBeNull();
        DetectableEffect.OfPairedRates(0.5, 0).ShouldBeNull();
        DetectableEffect.OfPairedRates(0.5, 3).ShouldBeNull();
        DetectableEffect.OfPairedRates(double.NaN, 30).ShouldBeNull();
        SampleSize.ForPairs(1, 0).ShouldBeNull();
        SampleSize.ForPairs(0, 1).ShouldBeNull();
        SampleSize.ForPairedRates(0.5, 0).ShouldBeNull();
        SampleSize.ForPairedRates(0.5, 1.5).ShouldBeNull();
        SampleSize.ForMeans(1, 0).ShouldBeNull();
        SampleSize.ForMeans(0, 1).ShouldBeNull();
        SampleSize.ForMeans(double.NaN, 1).ShouldBeNull();
        SampleSize.ForMeans(1, double.NaN).ShouldBeNull();
        SampleSize.ForProportions(0.1, 0.1).ShouldBeNull();
        SampleSize.ForProportions(0.1, 1.1).ShouldBeNull();
    }
}
