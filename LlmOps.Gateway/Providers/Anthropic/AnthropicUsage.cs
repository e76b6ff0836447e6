using System.Text.Json;
using LlmOps.Gateway.Accounting;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Anthropic;

/// <summary>Puts together usage that comes in parts: input with the first event of a stream, output, cumulative, with later ones.</summary>
internal sealed class AnthropicUsage
{
    private readonly Dictionary<string, long> _counts = [];

    /// <summary>The tier that answered; null where it is not told.</summary>
    public string? ServiceTier { get; private set; }

    /// <summary>The counts; null where there are none. Anthropic's input_tokens are those that are neither read from nor written into the cache.</summary>
    public UsageDetails? Details
    {
        get
        {
            if (_counts.Count == 0)
            {
                return null;
            }

            var (read, written) = (Count("cache_read_input_tokens"), Count("cache_creation_input_tokens"));
            var details = new UsageDetails
            {
                InputTokenCount = Count("input_tokens") + (read ?? 0) + (written ?? 0),
                OutputTokenCount = Count("output_tokens"),
                CachedInputTokenCount = read,
            };
            details.Set(UsageCounts.CacheWriteTokens, written);
            details.Set(UsageCounts.LongCacheWriteTokens, Count("ephemeral_1h_input_tokens"));
            return details;
        }
    }

    /// <summary>Takes in a usage object; what it tells replaces what was told before.</summary>
    public void Add(JsonElement? usage)
    {
        ServiceTier = WireJson.Text(usage, "service_tier") ?? ServiceTier;
        foreach (var name in (ReadOnlySpan<string>)["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens"])
        {
            Set(name, WireJson.Count(usage, name));
        }

        Set("ephemeral_1h_input_tokens", WireJson.Count(WireJson.Member(usage, "cache_creation"), "ephemeral_1h_input_tokens"));
    }

    private void Set(string name, long? count)
    {
        if (count is { } value)
        {
            _counts[name] = value;
        }
    }

    private long? Count(string name) => _counts.TryGetValue(name, out var count) ? count : null;
}
