using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Statistics;

public sealed class QuantileTests
{
    // By R's definition: quantile(c(1, 2, 3, 4, 10), type = 7).
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.25, 2)]
    [InlineData(0.5, 3)]
    [InlineData(0.9, 7.6)]
    [InlineData(0.95, 8.8)]
    [InlineData(1, 10)]
    public void Quantile_IsHyndmanAndFansSeventh(double probability, double expected) =>
        Quantiles.Of([10, 3, double.NaN, 1, 4, 2], probability)!.Value.ShouldBe(expected, 1e-12);

    [Theory]
    [InlineData(new double[] { }, 0.5)]
    [InlineData(new[] { double.NaN }, 0.5)]
    [InlineData(new[] { 1.0 }, 1.01)]
    [InlineData(new[] { 1.0 }, double.NaN)]
    public void NoQuantile_IsNoResult(double[] values, double probability) => Quantiles.Of(values, probability).ShouldBeNull();

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.37)]
    [InlineData(0.95)]
    public void DrawnQuantile_IsDistributedAsThatOfResamples(double probability)
    {
        const int Rounds = 20_000;
        var random = new Random(9);
        var sorted = Observations.Sorted(Draws.LogNormal(random, 30));
        var bootstrap = new QuantileBootstrap(sorted, probability);
        var (drawn, resampled) = (new double[Rounds], new double[Rounds]);
        var resample = new double[30];
        for (var round = 0; round < Rounds; round++)
        {
            drawn[round] = bootstrap.Draw(random);
            for (var index = 0; index < resample.Length; index++)
            {
                resample[index] = sorted[random.Next(30)];
            }

            Array.Sort(resample);
            resampled[round] = Quantiles.OfSorted(resample, probability);
        }

        // Kolmogorov and Smirnov's distance of two samples of 20,000 is above this once in a million.
        Distance(drawn, resampled).ShouldBeLessThan(0.027);
    }

    [Fact]
    public void ManyValues_AreCompared()
    {
        var random = new Random(10);
        var (x, y) = (Draws.Normal(random, 50_000, 100, 10), Draws.Normal(random, 50_000, 102, 10));

        var comparison = QuantileTest.Compare(x, y, 0.95, seed: 11)!;

        // The known error of a quantile: √(p (1 - p) / n) over the density there.
        var error = Math.Sqrt(2 * 0.95 * 0.05 / 50_000) / (0.1031356 / 10);
        comparison.Interval.Width.ShouldBe(2 * 1.96 * error, 0.1);
        comparison.Interval.Contains(2).ShouldBeTrue();
        comparison.PValue.ShouldBeLessThan(0.001);
        QuantileTest.Compare(x, y, 0.95, seed: 11).ShouldBe(comparison);
    }

    [Theory]
    [InlineData(0.5, 20)]
    [InlineData(0.95, 200)]
    [InlineData(0.05, 200)]
    [InlineData(0.99, 1_000)]
    public void FewValuesBeyondTheQuantile_AreNoResult(double probability, int enough)
    {
        var values = Draws.Normal(new Random(12), enough);

        QuantileTest.Compare(values, values, probability, seed: 1).ShouldNotBeNull();
        QuantileTest.Compare(values, values.AsSpan(1), probability, seed: 1).ShouldBeNull();
    }

    [Fact]
    public void NothingVaries_IsNoResult() => QuantileTest.Compare(new double[50], new double[50], 0.5, seed: 1).ShouldBeNull();

    private static double Distance(double[] one, double[] other)
    {
        Array.Sort(one);
        Array.Sort(other);
        return one.Concat(other).Distinct().Max(value => Math.Abs(Share(one, value) - Share(other, value)));
    }

    private static double Share(double[] sorted, double value)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] <= value ? (middle + 1, high) : (low, middle);
        }

        return (double)low / sorted.Length;
    }
}
