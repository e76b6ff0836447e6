namespace LlmOps.Benchmarks.Load.Loads;

/// <summary>What wrk measured; latencies in microseconds.</summary>
/// <param name="Requests">Answers of any status.</param>
/// <param name="Microseconds">How long the run took.</param>
/// <param name="P50">Half of the answers came within it.</param>
/// <param name="P99">99 % did.</param>
/// <param name="P999">99.9 % did.</param>
/// <param name="StatusErrors">Answers that are not 2xx or 3xx.</param>
/// <param name="SocketErrors">Connections that failed, broke or timed out.</param>
/// <param name="Unexpected">Answers of which X-LlmOps-Cache says something else than was expected, where wrk looked.</param>
internal sealed record WrkFigures(long Requests, long Microseconds, double P50, double P99, double P999, long StatusErrors, long SocketErrors, long Unexpected)
{
    /// <summary>Answers per second that were no failures.</summary>
    public double Rate => (Requests - StatusErrors) * 1e6 / Microseconds;

    /// <summary>Answers that are not 2xx or 3xx, and connections that failed, broke or timed out.</summary>
    public long Errors => StatusErrors + SocketErrors;
}
