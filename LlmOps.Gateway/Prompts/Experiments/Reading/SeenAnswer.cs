using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Prompts.Experiments.Reading;

/// <summary>What counts of a request that took part: there may be a million of them.</summary>
/// <param name="IsAnswered">Whether it was answered.</param>
/// <param name="IsAbandoned">Whether its caller gave it up, which tells neither of success nor of failure.</param>
/// <param name="Cache">The value of X-LlmOps-Cache.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Tokens">Input and output tokens; null where they are not known.</param>
/// <param name="Dollars">What it cost; null where that is not known.</param>
/// <param name="Score">Its score; null for none.</param>
internal readonly record struct SeenAnswer(bool IsAnswered, bool IsAbandoned, string Cache, double Milliseconds, double? Tokens, double? Dollars, double? Score)
{
    /// <summary>Whether a provider answered it, not a cache.</summary>
    public bool IsFresh => IsAnswered && Cache is CacheStatus.Miss or CacheStatus.Bypass;

    /// <summary>A request's.</summary>
    public static SeenAnswer Of(ExposureRow row) => new(
        row.Outcome == LedgerEntry.Ok,
        row.Outcome == ErrorCode.ClientClosedRequest.Code,

        // One text for all that have the same.
        string.Intern(row.Cache),
        row.DurationUs / 1e3,
        row.InputTokens is null && row.OutputTokens is null ? null : (row.InputTokens ?? 0) + (row.OutputTokens ?? 0),
        row.CostNano / 1e9,
        row.Score);
}
