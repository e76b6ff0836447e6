using System.Text.Json.Serialization;

namespace LlmOps.Gateway.Accounting;

/// <summary>What a provider publishes of a model.</summary>
/// <param name="Provider">Name of the provider in the configuration.</param>
/// <param name="Names">The provider's names for it, also those of snapshots with the same price.</param>
/// <param name="ContextWindow">Tokens of input and output together.</param>
/// <param name="MaxOutputTokens">Most tokens of one answer.</param>
/// <param name="Features">What it can do, in words of <see cref="ModelFeatures"/>.</param>
/// <param name="Price">What it costs; null where that is not known.</param>
/// <param name="Until">The last day on which the price is known to hold; null while no change is announced.</param>
/// <param name="Source">Where this was read.</param>
/// <param name="From">The first day on which the price holds; null for always. A model may have several prices, each with its first day: on a day the latest that has begun holds.</param>
internal sealed record ModelFacts(
    string Provider, IReadOnlyList<string> Names, int? ContextWindow = null, int? MaxOutputTokens = null, IReadOnlyList<string>? Features = null,
    ModelPrice? Price = null, DateOnly? Until = null, string? Source = null, DateOnly? From = null)
{
    /// <summary>Its prices from later days on, in the order of these.</summary>
    [JsonIgnore]
    public IReadOnlyList<ModelFacts> Later { get; init; } = [];

    /// <summary>The day on which this was true.</summary>
    [JsonIgnore]
    public DateOnly AsOf { get; init; }

    /// <summary>Whether it has a price on any day.</summary>
    [JsonIgnore]
    public bool HasPrice => Price is not null || Later.Any(later => later.Price is not null);

    /// <summary>What holds on a day: this, or the last of the later ones that has begun; null before the first one.</summary>
    public ModelFacts? On(DateOnly day)
    {
        for (var index = Later.Count - 1; index >= 0; index--)
        {
            if (Later[index].From <= day)
            {
                return Later[index];
            }
        }

        return From > day ? null : this;
    }

    /// <summary>The price on a day; null where none is known to hold.</summary>
    public ModelPrice? PriceOn(DateOnly day) => On(day) is { } facts && !(facts.Until < day) ? facts.Price : null;
}

/// <summary>Prices in US dollars per million tokens.</summary>
/// <param name="Input">Input tokens that no other price below is for.</param>
/// <param name="Output">Output tokens that no other price below is for.</param>
/// <param name="CachedInput">Input tokens read from the provider's prompt cache; null: as Input.</param>
/// <param name="CacheWrite">Input tokens written into it, kept for minutes; null: as Input.</param>
/// <param name="CacheWrite1h">Those kept for an hour; null: as CacheWrite.</param>
/// <param name="AudioInput">Input tokens of audio; null: as Input.</param>
/// <param name="Reasoning">Output tokens of reasoning; null: as Output.</param>
/// <param name="ImageOutput">Output tokens of images; null: as Output.</param>
/// <param name="WebSearch">Dollars per thousand web searches; null: none are made.</param>
/// <param name="LongContext">The prices of a whole request whose input is long.</param>
/// <param name="ServiceTiers">The prices of service tiers other than the standard one.</param>
internal sealed record ModelPrice(
    decimal Input, decimal Output, decimal? CachedInput = null, decimal? CacheWrite = null,
    [property: JsonPropertyName("cache_write_1h")] decimal? CacheWrite1h = null, decimal? AudioInput = null, decimal? Reasoning = null,
    decimal? ImageOutput = null, decimal? WebSearch = null, LongContextPrice? LongContext = null, IReadOnlyDictionary<string, ModelPrice>? ServiceTiers = null)
{
    /// <summary>Above any price there is.</summary>
    public const decimal Highest = 1_000_000m;

    /// <summary>Whether all of it lies between 0 and <see cref="Highest"/>.</summary>
    [JsonIgnore]
    public bool IsPlausible =>
        new[]
        {
            Input, Output, CachedInput, CacheWrite, CacheWrite1h, AudioInput, Reasoning, ImageOutput, WebSearch,
            LongContext?.Input, LongContext?.Output, LongContext?.CachedInput, LongContext?.CacheWrite, LongContext?.CacheWrite1h,
        }.All(price => price is null or (>= 0 and <= Highest))
        && (ServiceTiers?.Values.All(tier => tier.IsPlausible) ?? true);
}

/// <summary>Prices that hold for the whole request above so many input tokens.</summary>
internal sealed record LongContextPrice(
    long Above, decimal Input, decimal Output, decimal? CachedInput = null, decimal? CacheWrite = null,
    [property: JsonPropertyName("cache_write_1h")] decimal? CacheWrite1h = null);

/// <summary>The file of the catalogue.</summary>
/// <param name="AsOf">The day its newest source was read.</param>
/// <param name="Models">The models.</param>
internal sealed record CatalogueFile(DateOnly AsOf, IReadOnlyList<ModelFacts> Models);

/// <summary>Source-generated JSON of the catalogue.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowReadingFromString,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CatalogueFile))]
internal sealed partial class CatalogueContext : JsonSerializerContext;
