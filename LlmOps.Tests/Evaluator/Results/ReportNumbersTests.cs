using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Evaluator.Results;

public sealed class ReportNumbersTests
{
    private static readonly Metric Score = new() { Name = "m", Type = "m", Kind = MetricKind.Score, Direction = MetricDirection.HigherIsBetter };
    private static readonly Metric Rate = Score with { Kind = MetricKind.Pass };
    private static readonly Metric Latency = Score with { Kind = MetricKind.Amount, Unit = "ms" };
    private static readonly Metric Cost = Score with { Kind = MetricKind.Amount, Unit = "USD" };

    [Theory]
    [InlineData(0.4321, "0.432")]
    [InlineData(0.0, "0")]
    [InlineData(1.0, "1")]
    [InlineData(-1.25, "−1.25")]
    [InlineData(12.34, "12.3")]
    [InlineData(12.25, "12.3")]
    [InlineData(1234.5, "1235")]
    [InlineData(0.00012345, "0.00012")]
    [InlineData(-1e-17, "0")]
    [InlineData(null, "–")]
    public void Score_HasAboutThreeDigits(double? value, string shown) => ReportNumbers.Value(value, Score).ShouldBe(shown);

    [Theory]
    [InlineData(0.83333, "83.3 %", "+83.3 pp")]
    [InlineData(-0.0417, "−4.2 %", "−4.2 pp")]
    [InlineData(0, "0.0 %", "0.0 pp")]
    [InlineData(0.0004, "0.040 %", "+0.040 pp")]
    public void Rate_IsPerCentAndItsDifferencePercentagePoints(double value, string shown, string difference)
    {
        ReportNumbers.Value(value, Rate).ShouldBe(shown);
        ReportNumbers.Difference(value, Rate).ShouldBe(difference);
    }

    [Theory]
    [InlineData(0.001234, "$0.00123")]
    [InlineData(1.5, "$1.50")]
    [InlineData(0, "$0.00")]
    [InlineData(-0.25, "−$0.250")]
    public void Cost_IsInDollars(double value, string shown) => ReportNumbers.Value(value, Cost).ShouldBe(shown);

    [Fact]
    public void Interval_SaysItsUnitOnce()
    {
        var interval = new Interval(-12, 110);

        ReportNumbers.DifferenceInterval(interval, Latency).ShouldBe("−12 to +110 ms");
        ReportNumbers.ValueInterval(interval, Latency).ShouldBe("−12 to 110 ms");
        ReportNumbers.DifferenceInterval(null, Latency).ShouldBe("–");
    }

    [Theory]
    [InlineData(0.0000001, "< 0.001")]
    [InlineData(0.0449, "0.045")]
    [InlineData(null, "–")]
    public void PValue_IsNeverZero(double? value, string shown) => ReportNumbers.PValue(value).ShouldBe(shown);
}
