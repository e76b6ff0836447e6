using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Accounting;

/// <summary>Names of the counts that <see cref="UsageDetails"/> has no property for, in its AdditionalCounts.</summary>
internal static class UsageCounts
{
    /// <summary>Input tokens written into the provider's prompt cache; part of the input tokens.</summary>
    public const string CacheWriteTokens = "cache_write_tokens";

    /// <summary>Of those, the ones that are kept for an hour.</summary>
    public const string LongCacheWriteTokens = "long_cache_write_tokens";

    /// <summary>Input tokens of audio; part of the input tokens.</summary>
    public const string AudioInputTokens = "audio_input_tokens";

    /// <summary>Output tokens of images; part of the output tokens.</summary>
    public const string ImageOutputTokens = "image_output_tokens";

    /// <summary>Web searches that the provider bills.</summary>
    public const string WebSearches = "web_searches";

    /// <summary>What the provider itself says the answer cost, in billionths of a US dollar.</summary>
    public const string CostNanoUsd = "cost_nano_usd";

    /// <summary>A count; null where the provider gave none.</summary>
    public static long? Get(this UsageDetails usage, string name) =>
        usage.AdditionalCounts is { } counts && counts.TryGetValue(name, out var count) ? count : null;

    /// <summary>The counts of several calls together; null where one of them has none.</summary>
    public static UsageDetails? Sum(IReadOnlyList<UsageDetails?> usages)
    {
        var sum = new UsageDetails();
        foreach (var usage in usages)
        {
            if (usage is null)
            {
                return null;
            }

            sum.Add(usage);
        }

        // Where one does not tell its total, that of all is none of those that are told.
        sum.TotalTokenCount = usages.All(usage => usage!.TotalTokenCount is not null) ? sum.TotalTokenCount : null;
        return sum;
    }

    /// <summary>Sets a count, unless there is none.</summary>
    public static void Set(this UsageDetails usage, string name, long? count)
    {
        if (count is { } value)
        {
            (usage.AdditionalCounts ??= [])[name] = value;
        }
    }
}
