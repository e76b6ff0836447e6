using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Tests.Evaluator.Evaluators;

public sealed class AmountEvaluatorTests
{
    private static readonly Answer Known = Scored.Answer("x") with { LatencyMs = 812.5, InputTokens = 100, OutputTokens = 20, CostUsd = 0.00042m };

    [Theory]
    [InlineData("latency", 812.5, "ms")]
    [InlineData("tokens", 20, "tokens")]
    [InlineData("tokens:of=input", 100, "tokens")]
    [InlineData("tokens:of=total", 120, "tokens")]
    [InlineData("cost", 0.00042, "USD")]
    public async Task Amount_IsThatOfTheAnswer(string evaluator, double amount, string unit)
    {
        var metric = (await Scored.MakeAsync(evaluator)).Metric;

        (await Scored.ByAsync(evaluator, Known))!.Value!.Value.ShouldBe(amount, 1e-12);
        (metric.Kind, metric.Direction, metric.IsQuality, metric.Unit).ShouldBe((MetricKind.Amount, MetricDirection.LowerIsBetter, false, unit));
    }

    [Theory]
    [InlineData("tokens")]
    [InlineData("tokens:of=input")]
    [InlineData("tokens:of=total")]
    [InlineData("cost")]
    public async Task AmountThatIsNotKnown_IsNoScore(string evaluator) => (await Scored.ByAsync(evaluator, Scored.Answer("x"))).ShouldBeNull();

    [Fact]
    public Task OtherTokens_AreRefused() => Scored.IsRefusedAsync("tokens:of=cached", "tokens", "of", "output or input or total");
}
