namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>What became of a sink's events since the start of the process; exact. Thread-safe.</summary>
internal sealed class SinkCounts
{
    /// <summary>Dropped, as too many waited.</summary>
    public const string Full = "full";

    /// <summary>Dropped, as the disk had no room, or could not be written.</summary>
    public const string SpoolFull = "spool_full";

    /// <summary>Dropped, as the sink refuses them for good.</summary>
    public const string Rejected = "rejected";

    /// <summary>Dropped, as what lay on the disk could not be read.</summary>
    public const string Damaged = "damaged";

    /// <summary>Dropped, as the process ended.</summary>
    public const string Ended = "ended";

    private static readonly string[] Reasons = [Full, SpoolFull, Rejected, Damaged, Ended];

    // On a machine that is busy, this is what telemetry costs a request.
    private readonly long[] _dropped = new long[Reasons.Length];
    private long _delivered;

    /// <summary>Events that the sink has taken.</summary>
    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Events that were dropped, by the reason.</summary>
    public IReadOnlyDictionary<string, long> Dropped => Reasons.Index().Select(reason => (reason.Item, Count: Interlocked.Read(ref _dropped[reason.Index]))).Where(dropped => dropped.Count > 0).ToDictionary();

    /// <summary>All events that were dropped.</summary>
    public long AllDropped => Dropped.Values.Sum();

    /// <summary>Counts events that were taken.</summary>
    public void Deliver(int count) => Interlocked.Add(ref _delivered, count);

    /// <summary>Counts events that are dropped.</summary>
    public void Drop(int count, string reason)
    {
        if (count > 0)
        {
            Interlocked.Add(ref _dropped[Array.IndexOf(Reasons, reason)], count);
        }
    }
}
