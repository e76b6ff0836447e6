using System.Globalization;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>What requests that have the same key add to the sums of a day.</summary>
internal sealed class UsageDay(UsageKey key)
{
    private static readonly string[] Keys = ["day", "tenant", "team", "user_name", "key_id", "model", "prompt", "prompt_version", "variant"];

    /// <summary>The columns of the sums.</summary>
    public static readonly string[] Sums = ["requests", "errors", "cache_hits", "input_tokens", "output_tokens", "cost_nano", "saved_nano", "estimated", "unpriced"];

    private long _requests;
    private long _errors;
    private long _cacheHits;
    private long _inputTokens;
    private long _outputTokens;
    private long _cost;
    private long _saved;
    private long _estimated;
    private long _unpriced;

    /// <summary>Adds rows to the table's.</summary>
    public static RowInsert<UsageDay> Add { get; } = new(
        "usage_daily", $"ON CONFLICT ({string.Join(", ", Keys)}) DO UPDATE SET {string.Join(", ", Sums.Select(sum => $"{sum} = usage_daily.{sum} + excluded.{sum}"))}",
        new("day", row => row.Key.Day),
        new("tenant", row => row.Key.Tenant),
        new("team", row => row.Key.Team),
        new("user_name", row => row.Key.User),
        new("key_id", row => row.Key.KeyId),
        new("model", row => row.Key.Model),
        new("prompt", row => row.Key.Prompt),
        new("prompt_version", row => row.Key.PromptVersion),
        new("variant", row => row.Key.Variant),
        new("requests", row => row._requests),
        new("errors", row => row._errors),
        new("cache_hits", row => row._cacheHits),
        new("input_tokens", row => row._inputTokens),
        new("output_tokens", row => row._outputTokens),
        new("cost_nano", row => row._cost),
        new("saved_nano", row => row._saved),
        new("estimated", row => row._estimated),
        new("unpriced", row => row._unpriced));

    /// <summary>Whose they are.</summary>
    public UsageKey Key { get; } = key;

    /// <summary>The sums of entries, always in the same order, so that replicas that add to the same rows do not wait for each other in a circle.</summary>
    public static IReadOnlyList<UsageDay> Of(IReadOnlyList<LedgerEntry> entries)
    {
        var rows = new Dictionary<UsageKey, UsageDay>();
        foreach (var entry in entries)
        {
            var key = UsageKey.Of(entry);
            if (!rows.TryGetValue(key, out var row))
            {
                rows.Add(key, row = new UsageDay(key));
            }

            row.Count(entry);
        }

        return [.. rows.Values.OrderBy(row => row.Key.ToString(), StringComparer.Ordinal)];
    }

    private void Count(LedgerEntry entry)
    {
        _requests++;
        _errors += entry.Outcome == LedgerEntry.Ok ? 0 : 1;
        _cacheHits += entry.Cache is CacheStatus.Bypass or CacheStatus.Miss ? 0 : 1;
        _inputTokens += entry.InputTokens ?? 0;
        _outputTokens += entry.OutputTokens ?? 0;
        _cost += entry.Cost?.Value ?? 0;
        _saved += entry.Saved?.Value ?? 0;
        _estimated += entry.IsEstimated ? 1 : 0;
        _unpriced += entry.Cost is null ? 1 : 0;
    }
}

/// <summary>What the sums of a day are kept by; empty for none.</summary>
internal readonly record struct UsageKey(
    string Day, string Tenant, string Team, string User, string KeyId, string Model, string Prompt, string PromptVersion, string Variant)
{
    /// <summary>
    /// The key of an entry. The model is left out where nobody has it, or nobody was asked and no answer reused: there are as many
    /// names as callers make up. One that was interrupted was about to ask.
    /// </summary>
    public static UsageKey Of(LedgerEntry entry) => new(
        entry.At.UtcDateTime.ToString(JournalLine.DayFormat, CultureInfo.InvariantCulture),
        entry.Tenant,
        entry.Team ?? "",
        entry.User ?? "",
        entry.Key ?? "",
        entry.Outcome == ErrorCode.ModelNotFound.Code || entry is { Provider: null, Outcome: not LedgerEntry.Interrupted } ? "" : entry.Model ?? "",
        entry.Prompt ?? "",
        entry.PromptVersion ?? "",
        entry.Variant ?? "");
}
