namespace LlmOps.Gateway.Routing;

/// <summary>
/// How long a target takes to its first content: a moving average that takes a higher value at once and lets go of it
/// slowly (peak EWMA, as Finagle balances by), so that a target that has become slow is avoided from then on. Thread-safe.
/// </summary>
internal sealed class LatencyEstimate(TimeProvider time)
{
    private static readonly TimeSpan Decay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Forgetting = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private double _seconds;
    private long? _updatedAt;

    /// <summary>The estimate; null while nothing was measured.</summary>
    public TimeSpan? Value
    {
        get
        {
            lock (_lock)
            {
                return _updatedAt is null ? null : TimeSpan.FromSeconds(_seconds);
            }
        }
    }

    /// <summary>
    /// The estimate to balance by, in seconds: it fades while nothing is measured, so that a target which was slow once is
    /// tried again; 0 while nothing was measured at all.
    /// </summary>
    public double Faded
    {
        get
        {
            lock (_lock)
            {
                return _updatedAt is { } before ? _seconds * Math.Exp(-time.GetElapsedTime(before) / Forgetting) : 0;
            }
        }
    }

    /// <summary>Takes in a measurement.</summary>
    public void Add(TimeSpan measured)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            var kept = _updatedAt is { } before ? Math.Exp(-time.GetElapsedTime(before, now) / Decay) : 0;
            _seconds = Math.Max(measured.TotalSeconds, (kept * _seconds) + ((1 - kept) * measured.TotalSeconds));
            _updatedAt = now;
        }
    }
}
