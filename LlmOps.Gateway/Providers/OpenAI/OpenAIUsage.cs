using System.Text.Json;
using LlmOps.Gateway.Accounting;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>Reads the usage of a completion or of a chunk.</summary>
internal static class OpenAIUsage
{
    /// <summary>The member's value: tokens, and what OpenRouter says they cost; null where it is no object.</summary>
    public static UsageDetails? Read(ref Utf8JsonReader reader)
    {
        if (!reader.OpenObject())
        {
            return null;
        }

        var usage = new UsageDetails();
        decimal? cost = null, upstream = null;
        var ownKey = false;
        while (reader.NextMember())
        {
            if (reader.Is("prompt_tokens"u8))
            {
                usage.InputTokenCount = reader.Count();
            }
            else if (reader.Is("completion_tokens"u8))
            {
                usage.OutputTokenCount = reader.Count();
            }
            else if (reader.Is("total_tokens"u8))
            {
                usage.TotalTokenCount = reader.Count();
            }
            else if (reader.Is("prompt_tokens_details"u8) || reader.Is("completion_tokens_details"u8))
            {
                ReadDetails(ref reader, usage, ofInput: reader.Is("prompt_tokens_details"u8));
            }
            else if (reader.Is("cost"u8))
            {
                cost = Dollars(ref reader);
            }
            else if (reader.Is("is_byok"u8))
            {
                ownKey = reader.Read() && reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }
            else if (reader.Is("cost_details"u8))
            {
                upstream = ReadUpstreamCost(ref reader);
            }
            else
            {
                reader.SkipValue();
            }
        }

        // With the caller's own key at the provider (is_byok), cost is OpenRouter's fee alone.
        usage.Set(UsageCounts.CostNanoUsd, cost is { } told ? NanoUsd.FromDollars(told + (ownKey ? upstream ?? 0 : 0)).Value : null);
        return usage;
    }

    private static void ReadDetails(ref Utf8JsonReader reader, UsageDetails usage, bool ofInput)
    {
        if (!reader.OpenObject())
        {
            return;
        }

        while (reader.NextMember())
        {
            if (ofInput && reader.Is("cached_tokens"u8))
            {
                usage.CachedInputTokenCount = reader.Count();
            }
            else if (ofInput && reader.Is("audio_tokens"u8))
            {
                usage.Set(UsageCounts.AudioInputTokens, Some(reader.Count()));
            }
            else if (ofInput && reader.Is("cache_write_tokens"u8))
            {
                usage.Set(UsageCounts.CacheWriteTokens, Some(reader.Count()));
            }
            else if (!ofInput && reader.Is("reasoning_tokens"u8))
            {
                usage.ReasoningTokenCount = reader.Count();
            }
            else
            {
                reader.SkipValue();
            }
        }
    }

    // None is what most answers have; it is not worth a dictionary.
    private static long? Some(long? count) => count > 0 ? count : null;

    private static decimal? ReadUpstreamCost(ref Utf8JsonReader reader)
    {
        decimal? cost = null;
        if (reader.OpenObject())
        {
            while (reader.NextMember())
            {
                if (reader.Is("upstream_inference_cost"u8))
                {
                    cost = Dollars(ref reader);
                }
                else
                {
                    reader.SkipValue();
                }
            }
        }

        return cost;
    }

    private static decimal? Dollars(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.Number)
        {
            reader.Skip();
            return null;
        }

        return reader.TryGetDecimal(out var dollars) && dollars is >= 0 and < 1_000_000 ? dollars : null;
    }
}
