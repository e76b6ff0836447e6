using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Prompts.Experiments.Reading;

/// <summary>What one unit has seen: of a measure it counts once, with the mean of its requests, as requests of one user are not independent.</summary>
internal sealed class UnitSums(int variant)
{
    private readonly Sum[] _sums = new Sum[Enum.GetValues<Measure>().Length];

    /// <summary>The index of the variant that it saw.</summary>
    public int Variant { get; } = variant;

    /// <summary>Whether it saw another one too, so that it tells nothing of either.</summary>
    public bool IsMixed { get; set; }

    /// <summary>Its requests.</summary>
    public int Requests { get; private set; }

    /// <summary>Whether a request was answered by a provider, not from a cache.</summary>
    public static bool IsFresh(ExposureRow row) => row.Outcome == LedgerEntry.Ok && row.Cache is CacheStatus.Miss or CacheStatus.Bypass;

    /// <summary>Whether a caller gave a request up, which tells neither of success nor of failure.</summary>
    public static bool IsAbandoned(ExposureRow row) => row.Outcome == ErrorCode.ClientClosedRequest.Code;

    /// <summary>Tokens of a request; null where they are not known.</summary>
    public static long? TokensOf(ExposureRow row) => row.InputTokens is null && row.OutputTokens is null ? null : (row.InputTokens ?? 0) + (row.OutputTokens ?? 0);

    /// <summary>Dollars that a request cost; null where that is not known.</summary>
    public static double? DollarsOf(ExposureRow row) => row.CostNano / 1e9;

    /// <summary>Milliseconds that a request took.</summary>
    public static double MillisecondsOf(ExposureRow row) => row.DurationUs / 1e3;

    /// <summary>Takes in a request of it.</summary>
    public void Add(ExposureRow row)
    {
        Requests++;
        if (!IsAbandoned(row))
        {
            Add(Measure.ErrorRate, row.Outcome == LedgerEntry.Ok ? 0 : 1);
        }

        if (IsFresh(row))
        {
            Add(Measure.LatencyMs, MillisecondsOf(row));
            Add(Measure.Tokens, TokensOf(row));
            Add(Measure.CostUsd, DollarsOf(row));
        }

        Add(Measure.Feedback, row.Score);
    }

    /// <summary>Its mean of a measure; null where it has none.</summary>
    public double? MeanOf(Measure measure) => _sums[(int)measure] is { Count: > 0 } sum ? sum.Total / sum.Count : null;

    private void Add(Measure measure, double? value)
    {
        if (value is { } number)
        {
            var sum = _sums[(int)measure];
            _sums[(int)measure] = new Sum(sum.Total + number, sum.Count + 1);
        }
    }

    private readonly record struct Sum(double Total, int Count);
}
