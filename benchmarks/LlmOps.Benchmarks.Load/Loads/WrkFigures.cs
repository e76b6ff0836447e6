namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>What wrk measured; latencies in microseconds.</summary>
internal sealed record WrkFigures(long Requests, long Microseconds, double P50, double P99, double P999, long StatusErrors, long SocketErrors)
{
    /// <summary>Answers per second that were no failures.</summary>
    public double Rate => (Requests - StatusErrors) * 1e6 / Microseconds;

    /// <summary>Answers that are not 2xx or 3xx, and connections that failed, broke or timed out.</summary>
    public long Errors => StatusErrors + SocketErrors;
}
