using System.Diagnostics;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>What became of the requests that ended in some span of time, and what their answers said of the cache.</summary>
internal sealed class CacheTally
{
    private static readonly TimeSpan Onset = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<string, int> _statuses = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _failures = new(StringComparer.Ordinal);
    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly List<double> _latencies = [];
    private readonly List<double> _atOnset = [];

    /// <summary>All requests.</summary>
    public int Requests { get; private set; }

    /// <summary>Those that could not ask Redis, as they were told.</summary>
    public int Degraded { get; private set; }

    /// <summary>Those that were not answered whole, and with the answer to their own question.</summary>
    public int Failed => _failures.Values.Sum();

    /// <summary>How they did, on one line.</summary>
    public string FailureLine => _failures.Count == 0 ? "none" : string.Join(", ", _failures.Select(failure => $"{failure.Value} × {failure.Key}"));

    /// <summary>Of which X-LlmOps-Cache says so.</summary>
    public int Of(string status) => _statuses.GetValueOrDefault(status);

    /// <summary>The milliseconds within which so many percent were answered; of a stream, within which it began.</summary>
    public double Percentile(double percent) => Statistics.Percentile([.. _latencies.Order()], percent);

    /// <summary>The same for those of the first second.</summary>
    public double PercentileAtOnset(double percent) => Statistics.Percentile([.. _atOnset.Order()], percent);

    /// <summary>Counts a request that was answered as it should be.</summary>
    public void Answered(string? status, bool degraded, double milliseconds)
    {
        Requests++;
        Degraded += degraded ? 1 : 0;
        _statuses[status ?? "none"] = Of(status ?? "none") + 1;
        _latencies.Add(milliseconds);
        if (Stopwatch.GetElapsedTime(_begun) < Onset)
        {
            _atOnset.Add(milliseconds);
        }
    }

    /// <summary>Counts one that was not.</summary>
    public void HasFailed(string how)
    {
        Requests++;
        _failures[how] = _failures.GetValueOrDefault(how) + 1;
    }
}
