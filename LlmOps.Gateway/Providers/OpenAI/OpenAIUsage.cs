using System.Text.Json;
using LlmOps.Gateway.Accounting;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>Reads the usage of a completion or of a chunk.</summary>
internal static class OpenAIUsage
{
    /// <summary>Tokens, and what OpenRouter says they cost; null where the provider does not say.</summary>
    public static UsageDetails? Read(JsonElement root)
    {
        // Groq's streams have it in a place of their own.
        if ((Object(root, "usage") ?? Object(WireJson.Member(root, "x_groq"), "usage")) is not { } usage)
        {
            return null;
        }

        var input = WireJson.Member(usage, "prompt_tokens_details");
        var output = WireJson.Member(usage, "completion_tokens_details");
        var details = new UsageDetails
        {
            InputTokenCount = WireJson.Count(usage, "prompt_tokens"),
            OutputTokenCount = WireJson.Count(usage, "completion_tokens"),
            TotalTokenCount = WireJson.Count(usage, "total_tokens"),
            CachedInputTokenCount = WireJson.Count(input, "cached_tokens"),
            ReasoningTokenCount = WireJson.Count(output, "reasoning_tokens"),
        };
        details.Set(UsageCounts.AudioInputTokens, WireJson.Count(input, "audio_tokens"));
        details.Set(UsageCounts.CacheWriteTokens, WireJson.Count(input, "cache_write_tokens"));
        details.Set(UsageCounts.CostNanoUsd, Cost(usage)?.Value);
        return details;
    }

    // With the caller's own key at the provider (is_byok), cost is OpenRouter's fee alone.
    private static NanoUsd? Cost(JsonElement usage)
    {
        var upstream = WireJson.Member(usage, "is_byok") is { ValueKind: JsonValueKind.True }
            ? Dollars(WireJson.Member(usage, "cost_details"), "upstream_inference_cost")
            : null;
        return Dollars(usage, "cost") is { } cost ? NanoUsd.FromDollars(cost + (upstream ?? 0)) : null;
    }

    private static decimal? Dollars(JsonElement? parent, string name) =>
        WireJson.Member(parent, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDecimal(out var dollars) && dollars is >= 0 and < 1_000_000
            ? dollars
            : null;

    private static JsonElement? Object(JsonElement? parent, string name) =>
        WireJson.Member(parent, name) is { ValueKind: JsonValueKind.Object } value ? value : null;
}
