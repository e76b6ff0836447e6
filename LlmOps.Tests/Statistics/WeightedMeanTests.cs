using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class WeightedMeanTests
{
    [Fact]
    public void EqualWeights_AreNone()
    {
        double[] weights = [.. Enumerable.Repeat(2.5, 15)];

        var mean = WeightedMean.Of(KnownData.Maize, weights);

        var moments = Moments.Of(KnownData.Maize);
        mean.Mean.ShouldBe(moments.Mean, 1e-12);
        mean.EffectiveCount.ShouldBe(15, 1e-12);
        mean.StandardDeviation.ShouldBe(Math.Sqrt(moments.Variance!.Value), 1e-12);
        mean.StandardError.ShouldBe(Math.Sqrt(moments.Variance!.Value / 15), 1e-12);
    }

    // Values 0 and 3 with weights 2 and 1: mean 1, Σw(x - 1)² = 6, Σw²(x - 1)² = 8, 9 / 5 values.
    [Fact]
    public void Weights_CountInAllOfIt()
    {
        var mean = WeightedMean.Of([0, 3], [2, 1]);

        mean.Mean.ShouldBe(1, 1e-12);
        mean.EffectiveCount.ShouldBe(1.8, 1e-12);
        mean.StandardDeviation.ShouldBe(Math.Sqrt(6 / 3.0 * 1.8 / 0.8), 1e-12);
        mean.StandardError.ShouldBe(Math.Sqrt(8 * 1.8 / 0.8) / 3, 1e-12);
    }

    [Fact]
    public void OneValue_HasNoDeviation() => WeightedMean.Of([7], [3]).ShouldBe(new WeightedMean(7, 1, 0, 0));
}
