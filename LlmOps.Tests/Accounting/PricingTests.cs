using LlmOps.Gateway.Accounting;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Accounting;

/// <summary>Money is whole nano-dollars, rounded up per answer; the provider's count wins, and what is not known is unpriced, never 0.</summary>
public sealed class PricingTests
{
    private static readonly DateOnly Today = new(2026, 11, 21);

    private static readonly ModelPrice Price = new(Input: 3m, Output: 15m, CachedInput: 0.3m, CacheWrite: 3.75m, CacheWrite1h: 6m, AudioInput: 4m, Reasoning: 20m, ImageOutput: 30m, WebSearch: 10m,
        LongContext: new LongContextPrice(200_000, 6m, 22.5m, CachedInput: 0.6m),
        ServiceTiers: new Dictionary<string, ModelPrice> { ["priority"] = new(6m, 30m) });

    [Theory]
    [InlineData(100_000, 0, 300_000_000)]
    [InlineData(0, 1_000_000, 15_000_000_000)]
    [InlineData(1, 0, 3_000)]
    [InlineData(7, 2, 51_000)]
    [InlineData(0, 0, 0)]
    public void PlainTokens_ArePricedByTheMillion(long input, long output, long nano) =>
        Of(new UsageDetails { InputTokenCount = input, OutputTokenCount = output }).ShouldBe(new NanoUsd(nano));

    [Fact]
    public void EveryKindOfToken_HasItsPriceAndIsCountedOnce()
    {
        var usage = new UsageDetails { InputTokenCount = 1000, OutputTokenCount = 1000, CachedInputTokenCount = 100, ReasoningTokenCount = 300 };
        usage.Set(UsageCounts.CacheWriteTokens, 200);
        usage.Set(UsageCounts.LongCacheWriteTokens, 50);
        usage.Set(UsageCounts.AudioInputTokens, 10);
        usage.Set(UsageCounts.ImageOutputTokens, 100);
        usage.Set(UsageCounts.WebSearches, 2);

        // 690 plain, 100 cached, 150 written, 50 written for an hour, 10 of audio; 600 plain, 300 reasoning, 100 image; 2 searches.
        var dollarsPerMillion = 690 * 3m + 100 * 0.3m + 150 * 3.75m + 50 * 6m + 10 * 4m + 600 * 15m + 300 * 20m + 100 * 30m;
        Of(usage).ShouldBe(NanoUsd.FromDollars(dollarsPerMillion / 1_000_000 + 0.02m));
    }

    [Fact]
    public void FractionOfANanoDollar_IsRoundedUp() =>
        new Pricing(Facts(new ModelPrice(0.0375m, 0.0001m)), PriceSource.Listed)
            .Of(new UsageDetails { InputTokenCount = 1, OutputTokenCount = 1 }, null, Today).ShouldBe(new NanoUsd(38));

    [Theory]
    [InlineData(200_000, 600_000_000)]
    [InlineData(200_001, 1_200_006_000)]
    public void LongInput_HasThePriceOfLongInputs(long input, long nano) =>
        Of(new UsageDetails { InputTokenCount = input, OutputTokenCount = 0 }).ShouldBe(new NanoUsd(nano));

    [Theory]
    [InlineData(null, 3_000L)]
    [InlineData("default", 3_000L)]
    [InlineData("priority", 6_000L)]
    [InlineData("flex", null)]
    public void ServiceTier_HasItsOwnPriceOrNone(string? tier, long? nano) =>
        (new Pricing(Facts(Price), PriceSource.Listed).Of(new UsageDetails { InputTokenCount = 1, OutputTokenCount = 0 }, tier, Today)?.Value).ShouldBe(nano);

    [Fact]
    public void CostThatTheProviderTells_Wins()
    {
        var usage = new UsageDetails { InputTokenCount = 1000, OutputTokenCount = 1000 };
        usage.Set(UsageCounts.CostNanoUsd, 0);

        Of(usage).ShouldBe(new NanoUsd(0));
    }

    [Fact]
    public void WhatIsNotCounted_IsUnpriced()
    {
        Of(null).ShouldBeNull();
        Of(new UsageDetails { OutputTokenCount = 5 }).ShouldBeNull();
    }

    [Fact]
    public void ModelWithoutAPrice_IsUnpriced() =>
        new Pricing(null, PriceSource.Unpriced).Of(new UsageDetails { InputTokenCount = 1, OutputTokenCount = 1 }, null, Today).ShouldBeNull();

    [Fact]
    public void OwnMachines_AreFreeWhateverIsCounted() =>
        new Pricing(null, PriceSource.Free).Of(null, null, Today).ShouldBe(new NanoUsd(0));

    [Fact]
    public void PriceWhoseTimeIsOver_IsNoPrice()
    {
        var pricing = new Pricing(Facts(Price) with { Until = Today }, PriceSource.Listed);

        pricing.PriceOn(Today).ShouldNotBeNull();
        pricing.PriceOn(Today.AddDays(1)).ShouldBeNull();
    }

    [Fact]
    public void AbsurdCounts_NeitherOverflowNorGoBelowZero()
    {
        var absurd = new UsageDetails { InputTokenCount = long.MaxValue, OutputTokenCount = -5, CachedInputTokenCount = long.MaxValue, ReasoningTokenCount = 9 };

        Of(absurd)!.Value.Value.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1, "0.000000001")]
    [InlineData(12_345, "0.000012345")]
    [InlineData(1_500_000_000, "1.5")]
    public void NanoUsd_IsShownInDollarsWithoutExponents(long nano, string shown) => new NanoUsd(nano).ToString().ShouldBe(shown);

    private static NanoUsd? Of(UsageDetails? usage) => new Pricing(Facts(Price), PriceSource.Listed).Of(usage, null, Today);

    private static ModelFacts Facts(ModelPrice price) => new("test", ["m"], Price: price);
}
