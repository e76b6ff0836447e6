using LlmOps.Evaluator.Comparison;
using LlmOps.Evaluator.Results;

namespace LlmOps.Tests.Evaluator.Comparison;

public sealed class NumberTextTests
{
    [Theory]
    [InlineData(MetricKind.Score, null, 0.4123, "0.412", "+0.412")]
    [InlineData(MetricKind.Score, null, 0, "0.000", "0")]
    [InlineData(MetricKind.Score, null, -0.00012345, "-0.00012", "-0.00012")]
    [InlineData(MetricKind.Score, null, 34.567, "34.57", "+34.57")]
    [InlineData(MetricKind.Score, null, -3.5, "-3.500", "-3.500")]
    [InlineData(MetricKind.Pass, null, 0.875, "87.5 %", "+87.5 points")]
    [InlineData(MetricKind.Pass, null, 1, "100 %", "+100 points")]
    [InlineData(MetricKind.Pass, null, -0.0625, "-6.3 %", "-6.3 points")]
    [InlineData(MetricKind.Amount, "ms", 1020.4, "1,020 ms", "+1,020 ms")]
    [InlineData(MetricKind.Amount, "ms", 8.1234, "8.12 ms", "+8.12 ms")]
    [InlineData(MetricKind.Amount, "tokens", -56.78, "-56.8 tokens", "-56.8 tokens")]
    [InlineData(MetricKind.Amount, "USD", 0.00123456, "0.00123 USD", "+0.00123 USD")]
    [InlineData(MetricKind.Amount, "USD", 0, "0 USD", "0 USD")]
    [InlineData(MetricKind.Amount, null, 1234567.8, "1,234,568", "+1,234,568")]
    public void Numbers_AreSaidByUnit(object kind, string? unit, double value, string text, string difference)
    {
        var metric = ScoredCases.Metric(kind: (MetricKind)kind) with { Unit = unit };

        NumberText.Value(metric, value).ShouldBe(text);
        NumberText.Difference(metric, value).ShouldBe(difference);
    }

    [Theory]
    [InlineData(0.00001, "p < 0.0001")]
    [InlineData(0.00091, "p = 0.0009")]
    [InlineData(0.0499, "p = 0.0499")]
    [InlineData(0.312, "p = 0.31")]
    [InlineData(1, "p = 1")]
    public void PValues_HaveTheDigitsThatCount(double value, string text) => NumberText.PValue(value).ShouldBe(text);
}
