using LlmOps.Benchmarks.Load.Loads;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>What became of the requests that ended in some span of time.</summary>
/// <param name="mayCut">Whether a stream of the primary that has content may be cut, if its caller is told.</param>
internal sealed class FaultTally(bool mayCut)
{
    private readonly Dictionary<string, int> _answeredBy = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _failures = new(StringComparer.Ordinal);

    /// <summary>All requests.</summary>
    public int Requests { get; private set; }

    /// <summary>Those whose callers left as they meant to.</summary>
    public int Left { get; private set; }

    /// <summary>Streams that were cut after content, as they may be, and told so.</summary>
    public int Told { get; private set; }

    /// <summary>Those of which the gateway told how many calls they took.</summary>
    public int Counted { get; private set; }

    /// <summary>The calls that those took.</summary>
    public int Attempts { get; private set; }

    /// <summary>Those that failed and need not have.</summary>
    public int Failed => _failures.Values.Sum();

    /// <summary>How they did, on one line.</summary>
    public string FailureLine => _failures.Count == 0 ? "none" : string.Join(", ", _failures.Select(failure => $"{failure.Value} × {failure.Key}"));

    /// <summary>Whole answers and whole streams from the provider.</summary>
    public int AnsweredBy(string provider) => _answeredBy.GetValueOrDefault(provider);

    /// <summary>Counts a request that was answered whole.</summary>
    public void Answered(ResponseParser? response)
    {
        Count(response);
        var provider = response?.Provider ?? "nobody";
        _answeredBy[provider] = AnsweredBy(provider) + 1;
    }

    /// <summary>Counts a request whose caller left.</summary>
    public void HasLeft(ResponseParser? response)
    {
        Count(response);
        Left++;
    }

    /// <summary>Counts a request that was answered with an error, with half an answer, or not at all.</summary>
    public void HasFailed(ResponseParser? response, string how)
    {
        Count(response);
        _failures[how] = _failures.GetValueOrDefault(how) + 1;
    }

    /// <summary>Counts a stream that did not come whole.</summary>
    public void WasCut(ResponseParser? response, StreamEnd end, int marks)
    {
        if (mayCut && end == StreamEnd.Told && marks > 0 && response?.Provider == FaultsScenario.Primary)
        {
            Count(response);
            Told++;
        }
        else
        {
            HasFailed(response, $"stream {end} after {(marks > 0 ? "content" : "nothing")} of {response?.Provider ?? "nobody"}");
        }
    }

    /// <summary>Adds another span of time.</summary>
    public void Add(FaultTally other)
    {
        (Requests, Left, Told, Counted, Attempts) = (Requests + other.Requests, Left + other.Left, Told + other.Told, Counted + other.Counted, Attempts + other.Attempts);
        foreach (var (provider, count) in other._answeredBy)
        {
            _answeredBy[provider] = AnsweredBy(provider) + count;
        }

        foreach (var (how, count) in other._failures)
        {
            _failures[how] = _failures.GetValueOrDefault(how) + count;
        }
    }

    private void Count(ResponseParser? response)
    {
        Requests++;
        if (response is { Attempts: > 0 })
        {
            Counted++;
            Attempts += response.Attempts;
        }
    }
}
