using LlmOps.Benchmarks.Load.Loads;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>What callers met in some span of time.</summary>
internal sealed class Period
{
    /// <summary>Of each answered request that is not streamed, the milliseconds it took.</summary>
    public List<double> Latencies { get; } = [];

    /// <summary>Errors by what they were: status and code, or a broken connection.</summary>
    public SortedDictionary<string, int> Errors { get; } = new(StringComparer.Ordinal);

    /// <summary>Streams by how they ended.</summary>
    public Dictionary<StreamEnd, int> Streams { get; } = [];

    /// <summary>Errors that did not come as a status with a JSON error body.</summary>
    public int Untold { get; private set; }

    /// <summary>Streams that ended so.</summary>
    public int Ended(StreamEnd end) => Streams.GetValueOrDefault(end);

    /// <summary>The 99th percentile of the latencies.</summary>
    public double P99 => Statistics.Percentile([.. Latencies.Order()], 99);

    /// <summary>All errors on one line.</summary>
    public string ErrorLine => Errors.Count == 0 ? "none" : string.Join(", ", Errors.Select(error => $"{error.Value} × {error.Key}"));

    /// <summary>Counts an answer that is an error.</summary>
    public void AddError(Answer answer)
    {
        var code = answer.ErrorCode;
        Untold += answer.Status == 0 || code is null ? 1 : 0;
        var name = answer.Status == 0 ? "connection broken" : $"{answer.Status} {code ?? "without an error body"}";
        Errors[name] = Errors.GetValueOrDefault(name) + 1;
    }

    /// <summary>Adds another span of time.</summary>
    public void Add(Period other)
    {
        Latencies.AddRange(other.Latencies);
        Untold += other.Untold;
        foreach (var (name, count) in other.Errors)
        {
            Errors[name] = Errors.GetValueOrDefault(name) + count;
        }

        foreach (var (end, count) in other.Streams)
        {
            Streams[end] = Ended(end) + count;
        }
    }
}
