namespace LlmOps.Gateway.Redis;

/// <summary>How long to wait before connecting anew: longer with each failure in a row, and not all gateways at once.</summary>
internal sealed class RedisBackoff(TimeSpan first, TimeSpan longest)
{
    // From here on doubling changes nothing any more.
    private const int MostDoublings = 30;

    private int _failures;

    /// <summary>The wait after another failure.</summary>
    public TimeSpan Next()
    {
        var most = Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(_failures++, MostDoublings)), longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(most * (1 + Random.Shared.NextDouble()) / 2);
    }

    /// <summary>A connection has ended: one that lasted was a good one.</summary>
    public void Lasted(TimeSpan duration)
    {
        if (duration > longest)
        {
            _failures = 0;
        }
    }
}
