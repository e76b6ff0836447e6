using LlmOps.Gateway.Prompts.Experiments;

namespace LlmOps.Tests.Prompts.Experiments.Reading;

/// <summary>The requests of an experiment are summed up for each variant, from the ledger.</summary>
public sealed class ExperimentReadingTests : IDisposable
{
    private readonly TestExposures _exposures = new();

    public void Dispose() => _exposures.Dispose();

    [Fact]
    public async Task Variants_AreReadInTheirOrder()
    {
        await _exposures.AddAsync(
        [
            TestExposures.Row("v2", "c", milliseconds: 30), TestExposures.Row("v1", "a", milliseconds: 10, score: 1), TestExposures.Row("v1", "b", milliseconds: 20, score: 0),
            TestExposures.Row("v1", "a", milliseconds: 30, cache: "bypass"),
        ]);

        var reading = await _exposures.ReadAsync(TestedPrompts.Running() with { PausedVariants = ["v2"] });

        reading.Variants.Select(variant => (variant.Definition.Name, variant.Units, variant.Requests, variant.IsPaused, variant.HasSingleRequests)).ShouldBe([("v1", 2, 3, false, false), ("v2", 1, 1, true, true)]);
        var first = reading.Variants[0];
        first.ValuesOf(Measure.LatencyMs).ShouldBe([20, 20]);
        first.FreshMs.ShouldBe([30, 20, 10], "the latest first");
        (first.Tokens.Count, first.Tokens.Mean, first.Cost.Mean).ShouldBe((3, 7, 1));
        (first.Scores.Count, first.Scores.Mean, first.ScoresAreBinary).ShouldBe((2, 0.5, true));
        (reading.MixedUnits, reading.IsTruncated).ShouldBe((0, false));
    }

    [Fact]
    public async Task UnitThatSawSeveralVariants_IsCountedApartAndWithNone()
    {
        await _exposures.AddAsync(
        [
            TestExposures.Row("v1", "mixed", outcome: "provider_error", score: 5), TestExposures.Row("v1", "a"), TestExposures.Row("v2", "mixed"), TestExposures.Row("v2", "b"),
            TestExposures.Row("v1", "mixed"), TestExposures.Row("v2", "mixed-2"), TestExposures.Row("v1", "mixed-2"),
        ]);

        var reading = await _exposures.ReadAsync();

        reading.MixedUnits.ShouldBe(2);
        reading.Variants.Select(variant => (variant.Units, variant.Requests, variant.Errors, variant.Scores.Count)).ShouldBe([(1, 1, 0, 0L), (1, 1, 0, 0L)]);
        reading.Variants.ShouldAllBe(variant => variant.ScoresAreBinary && variant.FreshMs.Count == 1);
    }

    [Fact]
    public async Task RequestsThatCallersGaveUp_AreNoErrors()
    {
        await _exposures.AddAsync(
        [
            TestExposures.Row("v1", "a", outcome: "client_closed_request"), TestExposures.Row("v1", "b", outcome: "provider_timeout"), TestExposures.Row("v1", "c", outcome: "interrupted"), TestExposures.Row("v1", "d"),
        ]);

        var first = (await _exposures.ReadAsync()).Variants[0];

        (first.Units, first.Requests, first.Errors, first.Abandoned).ShouldBe((4, 4, 2, 1));
        first.ValuesOf(Measure.ErrorRate).ShouldBe([1, 1, 0], ignoreOrder: true);
        first.ValuesOf(Measure.LatencyMs).ShouldBe([10]);
    }

    [Fact]
    public async Task AnswersFromACache_AreApartFromFreshOnes()
    {
        await _exposures.AddAsync(
        [
            TestExposures.Row("v1", "a", milliseconds: 500), TestExposures.Row("v1", "b", cache: "bypass", milliseconds: 400, nanoDollars: null), TestExposures.Row("v1", "c", cache: "hit-memory", milliseconds: 1),
            TestExposures.Row("v1", "d", cache: "hit-semantic", milliseconds: 5), TestExposures.Row("v1", "e", cache: "hit-memory", milliseconds: 2), TestExposures.Row("v1", "f", cache: "miss", outcome: "provider_error"),
        ]);

        var first = (await _exposures.ReadAsync()).Variants[0];

        first.FreshMs.ShouldBe([400, 500]);
        first.CachedMs.ShouldBe([2, 5, 1]);
        first.Cache.ShouldBe(new Dictionary<string, int> { ["bypass"] = 1, ["hit-memory"] = 2, ["hit-semantic"] = 1, ["miss"] = 1 });
        (first.Tokens.Count, first.Cost.Count).ShouldBe((2, 1));
        first.ValuesOf(Measure.LatencyMs).ShouldBe([500, 400], ignoreOrder: true);
        first.ValuesOf(Measure.ErrorRate).Count.ShouldBe(6);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(0, true)]
    [InlineData(0.5, false)]
    [InlineData(5, false)]
    [InlineData(-1, false)]
    public async Task Scores_AreAProportionWhereAllAreZeroOrOne(double score, bool areBinary)
    {
        await _exposures.AddAsync([TestExposures.Row("v1", "a", score: 1), TestExposures.Row("v1", "b", score: 0), TestExposures.Row("v1", "c", score: score), TestExposures.Row("v1", "d")]);

        var first = (await _exposures.ReadAsync()).Variants[0];

        first.ScoresAreBinary.ShouldBe(areBinary);
        first.ValuesOf(Measure.Feedback).ShouldBe([1, 0, score], ignoreOrder: true);
    }

    [Fact]
    public async Task WhatIsOfOthers_IsNotRead()
    {
        await _exposures.AddAsync([TestExposures.Row("v1", "a", score: 3)], score: "tone of voice");
        await _exposures.AddAsync([TestExposures.Row("v1", "b")], experiment: "other");
        await _exposures.AddAsync([TestExposures.Row("v9", "c"), TestExposures.Row("v9", "a")]);

        var reading = await _exposures.ReadAsync();

        reading.Variants.Select(variant => (variant.Units, variant.Scores.Count)).ShouldBe([(1, 0L), (0, 0L)]);
        reading.MixedUnits.ShouldBe(0);
    }

    [Fact]
    public async Task MoreRequestsThanAreReadAtOnce_AreAllReadOnce()
    {
        const int Many = 10_001;
        await _exposures.AddAsync([.. Enumerable.Range(0, Many).Select(number => TestExposures.Row(number % 2 == 0 ? "v1" : "v2", $"u{number}"))]);

        var reading = await _exposures.ReadAsync();

        reading.Variants.Sum(variant => variant.Requests).ShouldBe(Many);
        reading.Variants.Select(variant => variant.Units).ShouldBe([5_001, 5_000]);
        reading.IsTruncated.ShouldBeFalse();
    }
}
