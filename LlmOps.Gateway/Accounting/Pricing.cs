using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Accounting;

/// <summary>What the answers of one model at one provider cost.</summary>
/// <param name="Facts">What the catalogue knows of the model; null for nothing.</param>
/// <param name="Source">Where the price comes from.</param>
internal sealed record Pricing(ModelFacts? Facts, PriceSource Source)
{
    private const decimal NanoPerMillionth = 1000m;
    private const long MostTokens = 1_000_000_000_000;

    /// <summary>The output tokens that are reserved where neither the caller nor the catalogue has a bound: as many as most models have at most.</summary>
    public const long UnknownMaxOutput = 32_768;

    /// <summary>
    /// The price of an answer, rounded up to a billionth of a dollar. What the provider itself says it cost wins over any list.
    /// </summary>
    /// <param name="usage">Tokens as the provider counted them; null when it did not.</param>
    /// <param name="serviceTier">The tier that the provider says has answered; null for the standard one.</param>
    /// <param name="today">The day, by UTC.</param>
    /// <returns>Null where the price, or the count, is not known.</returns>
    public NanoUsd? Of(UsageDetails? usage, string? serviceTier, DateOnly today)
    {
        if (usage?.Get(UsageCounts.CostNanoUsd) is { } told)
        {
            return new NanoUsd(told);
        }

        if (Source == PriceSource.Free)
        {
            return new NanoUsd(0);
        }

        return usage is { InputTokenCount: not null, OutputTokenCount: not null } && PriceOn(today, serviceTier, Count(usage.InputTokenCount)) is { } price
            ? Rounded(PerMillion(usage, price))
            : null;
    }

    /// <summary>The listed price, while it is known to hold.</summary>
    public ModelPrice? PriceOn(DateOnly today) => Facts?.PriceOn(today);

    /// <summary>Where the price comes from on a day: a list that has none that day leaves it unpriced.</summary>
    public PriceSource SourceOn(DateOnly day) => Source == PriceSource.Listed && PriceOn(day) is null ? PriceSource.Unpriced : Source;

    /// <summary>The most output tokens of a request: as many as it asks for, or the model has, for each of its choices.</summary>
    public long MostOutput(GatewayRequest request) => request.Size.EmbedsOnly ? 0 : (request.MaxTokens ?? Facts?.MaxOutputTokens ?? UnknownMaxOutput) * Math.Max(1L, request.Size.Choices);

    /// <summary>The most that one call for a request can cost; null where nobody can say, as the model has no price.</summary>
    public NanoUsd? Bound(GatewayRequest request)
    {
        if (Source == PriceSource.Free)
        {
            return new NanoUsd(0);
        }

        if (PriceOn(request.Day) is not { } price)
        {
            return null;
        }

        var size = request.Size;
        var input = size.MostTokens(Facts!.ContextWindow);
        var millionths = MostOf(price, input, MostOutput(request), size.MaySearch);
        if (price.ServiceTiers is { } tiers)
        {
            // A request that names none may be answered at the one that its account is set to.
            foreach (var tier in tiers.Values)
            {
                millionths = Math.Max(millionths, MostOf(tier, input, MostOutput(request), size.MaySearch));
            }
        }

        return Rounded(millionths);
    }

    private ModelPrice? PriceOn(DateOnly today, string? serviceTier, long input)
    {
        var price = PriceOn(today);
        if (serviceTier is not (null or "default" or "auto" or "standard" or "on_demand" or "performance"))
        {
            // What a long input costs at another tier is not known from what it costs at the standard one.
            return price?.ServiceTiers?.GetValueOrDefault(serviceTier) is { } tier && !(input > price.LongContext?.Above && tier.LongContext is null)
                ? ForInput(tier, input)
                : null;
        }

        return price is null ? null : ForInput(price, input);
    }

    private static NanoUsd Rounded(decimal millionths) => new((long)Math.Min(long.MaxValue, decimal.Ceiling(millionths * NanoPerMillionth)));

    // All tokens at the dearest price that could be asked for them, in millionths of a dollar.
    private static decimal MostOf(ModelPrice price, long input, long output, bool maySearch)
    {
        var (inputPrice, outputPrice) = Dearest(price.Input, price.CachedInput, price.CacheWrite, price.CacheWrite1h, price.AudioInput, price.Output, price.Reasoning, price.ImageOutput);
        if (price.LongContext is { } tier && input > tier.Above)
        {
            var (longInput, longOutput) = Dearest(tier.Input, tier.CachedInput, tier.CacheWrite, tier.CacheWrite1h, price.AudioInput, tier.Output, null, null);
            (inputPrice, outputPrice) = (Math.Max(inputPrice, longInput), Math.Max(outputPrice, longOutput));
        }

        var tokens = (input * inputPrice) + (Math.Min(output, MostTokens) * outputPrice);
        return maySearch ? tokens + (RequestSize.MostSearches * (price.WebSearch ?? 0) * 1000) : tokens;
    }

    private static (decimal Input, decimal Output) Dearest(
        decimal input, decimal? cached, decimal? write, decimal? longWrite, decimal? audio, decimal output, decimal? reasoning, decimal? images) =>
        (Math.Max(Math.Max(Math.Max(input, cached ?? 0), Math.Max(write ?? 0, longWrite ?? 0)), audio ?? 0), Math.Max(output, Math.Max(reasoning ?? 0, images ?? 0)));

    private static ModelPrice ForInput(ModelPrice price, long input) => price.LongContext is { } tier && input > tier.Above
        ? price with { Input = tier.Input, Output = tier.Output, CachedInput = tier.CachedInput, CacheWrite = tier.CacheWrite, CacheWrite1h = tier.CacheWrite1h }
        : price;

    // Tokens times dollars per million: millionths of a dollar.
    private static decimal PerMillion(UsageDetails usage, ModelPrice price)
    {
        var (input, output) = (Count(usage.InputTokenCount), Count(usage.OutputTokenCount));
        var cached = Part(usage.CachedInputTokenCount, ref input);
        var writes = Part(usage.Get(UsageCounts.CacheWriteTokens), ref input);
        var longWrites = Part(usage.Get(UsageCounts.LongCacheWriteTokens), ref writes);
        var audio = Part(usage.Get(UsageCounts.AudioInputTokens), ref input);
        var reasoning = Part(usage.ReasoningTokenCount, ref output);
        var images = Part(usage.Get(UsageCounts.ImageOutputTokens), ref output);
        var searches = Count(usage.Get(UsageCounts.WebSearches));
        var cacheWrite = price.CacheWrite ?? price.Input;
        var usual = input * price.Input + output * price.Output;

        // Most answers have none of the rest, and decimals are slow.
        return (cached | writes | longWrites | audio | reasoning | images | searches) == 0
            ? usual
            : usual
                + cached * (price.CachedInput ?? price.Input)
                + writes * cacheWrite
                + longWrites * (price.CacheWrite1h ?? cacheWrite)
                + audio * (price.AudioInput ?? price.Input)
                + reasoning * (price.Reasoning ?? price.Output)
                + images * (price.ImageOutput ?? price.Output)
                + searches * (price.WebSearch ?? 0) * 1000;
    }

    // Takes a part with a price of its own out of the whole; a provider that tells a larger part than the whole is not believed.
    private static long Part(long? part, ref long whole)
    {
        var taken = Math.Min(Count(part), whole);
        whole -= taken;
        return taken;
    }

    private static long Count(long? told) => Math.Clamp(told ?? 0, 0, MostTokens);
}

/// <summary>Where a model's price comes from.</summary>
internal enum PriceSource
{
    /// <summary>Nobody knows it.</summary>
    Unpriced,

    /// <summary>The catalogue.</summary>
    Listed,

    /// <summary>The provider tells with every answer.</summary>
    Reported,

    /// <summary>It runs on the operator's own machines, or in the gateway itself.</summary>
    Free,
}
