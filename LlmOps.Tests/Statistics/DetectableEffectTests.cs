using LlmOps.Gateway.Statistics;

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

    [Fact]
    public void TooLittleData_IsNoResult()
    {
        DetectableEffect.OfMeans(Moments.Of(1, 0, 1), Moments.Of(22, 5, 1)).ShouldBeNull();
        DetectableEffect.OfProportions(0.5, 0, 10).ShouldBeNull();
        DetectableEffect.OfProportions(0.5, 2, 2).ShouldBeNull();
        DetectableEffect.OfProportions(double.NaN, 20, 20).ShouldBeNull();
        SampleSize.ForMeans(1, 0).ShouldBeNull();
        SampleSize.ForMeans(0, 1).ShouldBeNull();
        SampleSize.ForMeans(double.NaN, 1).ShouldBeNull();
        SampleSize.ForMeans(1, double.NaN).ShouldBeNull();
        SampleSize.ForProportions(0.1, 0.1).ShouldBeNull();
        SampleSize.ForProportions(0.1, 1.1).ShouldBeNull();
    }
}
