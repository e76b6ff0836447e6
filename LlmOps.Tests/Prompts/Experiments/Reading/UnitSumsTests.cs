using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Prompts.Experiments.Reading;

namespace LlmOps.Tests.Prompts.Experiments.Reading;

/// <summary>What a unit has seen counts once, as the mean of its requests.</summary>
public sealed class UnitSumsTests
{
    [Fact]
    public void Unit_HasTheMeansOfItsRequests()
    {
        var unit = new UnitSums(1);
        unit.Add(SeenAnswer.Of(TestExposures.Row("v2", "u", milliseconds: 10, input: 1, output: 2, nanoDollars: 1_000_000_000, score: 1)));
        unit.Add(SeenAnswer.Of(TestExposures.Row("v2", "u", milliseconds: 20, input: 3, output: 6, nanoDollars: 3_000_000_000, score: 0)));
        unit.Add(SeenAnswer.Of(TestExposures.Row("v2", "u", outcome: "provider_timeout")));
        unit.Add(SeenAnswer.Of(TestExposures.Row("v2", "u", cache: "hit-memory", milliseconds: 1, nanoDollars: 0)));

        (unit.Variant, unit.Requests, unit.IsMixed).ShouldBe((1, 4, false));
        unit.MeanOf(Measure.ErrorRate).ShouldBe(0.25);
        unit.MeanOf(Measure.LatencyMs).ShouldBe(15);
        unit.MeanOf(Measure.Tokens).ShouldBe(6);
        unit.MeanOf(Measure.CostUsd).ShouldBe(2);
        unit.MeanOf(Measure.Feedback).ShouldBe(0.5);
    }

    [Fact]
    public void UnitWithoutRequests_HasNoValues()
    {
        var unit = new UnitSums(0);

        Enum.GetValues<Measure>().ShouldAllBe(measure => unit.MeanOf(measure) == null);
    }

    [Fact]
    public void RequestThatItsCallerGaveUp_IsNeitherSuccessNorFailure()
    {
        var unit = new UnitSums(0);

        unit.Add(SeenAnswer.Of(TestExposures.Row("v1", "u", outcome: "client_closed_request", score: 1)));

        (unit.Requests, unit.MeanOf(Measure.ErrorRate), unit.MeanOf(Measure.LatencyMs), unit.MeanOf(Measure.Feedback)).ShouldBe((1, null, null, 1d));
    }

    [Theory]
    [InlineData("ok", "miss", true)]
    [InlineData("ok", "bypass", true)]
    [InlineData("ok", "hit-memory", false)]
    [InlineData("ok", "hit-redis", false)]
    [InlineData("ok", "hit-semantic", false)]
    [InlineData("ok", "coalesced", false)]
    [InlineData("interrupted", "miss", false)]
    [InlineData("provider_error", "bypass", false)]
    public void FreshAnswer_IsOneThatAProviderGave(string outcome, string cache, bool isFresh)
    {
        var unit = new UnitSums(0);

        unit.Add(SeenAnswer.Of(TestExposures.Row("v1", "u", outcome, cache)));

        SeenAnswer.Of(TestExposures.Row("v1", "u", outcome, cache)).IsFresh.ShouldBe(isFresh);
        unit.MeanOf(Measure.LatencyMs).ShouldBe(isFresh ? 10 : null);
        unit.MeanOf(Measure.Tokens).ShouldBe(isFresh ? 7 : null);
        unit.MeanOf(Measure.CostUsd).ShouldBe(isFresh ? 1 : null);
        unit.MeanOf(Measure.ErrorRate).ShouldBe(outcome == "ok" ? 0 : 1);
    }

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(3L, null, 3d)]
    [InlineData(null, 4L, 4d)]
    [InlineData(0L, 0L, 0d)]
    public void TokensThatAreNotKnown_AreNotCounted(long? input, long? output, double? tokens)
    {
        var unit = new UnitSums(0);

        unit.Add(SeenAnswer.Of(TestExposures.Row("v1", "u", input: input, output: output, nanoDollars: null)));

        (unit.MeanOf(Measure.Tokens), unit.MeanOf(Measure.CostUsd), unit.MeanOf(Measure.LatencyMs)).ShouldBe((tokens, null, 10d));
    }
}
