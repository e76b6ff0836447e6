using LlmOps.Gateway.Telemetry;

namespace LlmOps.Tests.Telemetry;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void NothingCounted_HasNoQuantiles()
    {
        var (count, quantiles) = new LatencyHistogram().Read(0.5);

        count.ShouldBe(0);
        quantiles.ShouldBe([null]);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.007)]
    [InlineData(0.05)]
    [InlineData(1.0)]
    [InlineData(61.25)]
    [InlineData(4_321.0)]
    [InlineData(3_600_000.0)]
    public void Quantile_IsNearWhatWasCounted(double milliseconds)
    {
        var histogram = new LatencyHistogram();

        histogram.Add(TimeSpan.FromMilliseconds(milliseconds));

        histogram.Read(0.99).Quantiles.Single()!.Value.ShouldBe(milliseconds, Math.Max(milliseconds * 0.07, 0.001));
    }

    [Fact]
    public void Quantiles_AreThoseOfTheRanks()
    {
        var histogram = new LatencyHistogram();
        for (var milliseconds = 1; milliseconds <= 1000; milliseconds++)
        {
            histogram.Add(TimeSpan.FromMilliseconds(milliseconds));
        }

        var (count, quantiles) = histogram.Read(0.5, 0.9, 0.99, 1);

        count.ShouldBe(1000);
        foreach (var (quantile, expected) in quantiles.Zip([500.0, 900, 990, 1000]))
        {
            quantile!.Value.ShouldBe(expected, expected * 0.07);
        }
    }

    [Fact]
    public void TimesThatCannotBe_CountAsTheNearest()
    {
        var histogram = new LatencyHistogram();

        histogram.Add(TimeSpan.FromSeconds(-1));
        histogram.Add(TimeSpan.MaxValue);

        var (count, quantiles) = histogram.Read(0.5, 1);
        count.ShouldBe(2);
        quantiles[0].ShouldBe(0);
        quantiles[1]!.Value.ShouldBeGreaterThan(TimeSpan.FromDays(1).TotalMilliseconds);
    }
}
