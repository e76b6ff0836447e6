using System.Collections.Concurrent;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>Events that wait in memory for one sink, no more than its options say. Thread-safe.</summary>
internal sealed class EventQueue(DeliveryOptions options)
{
    private readonly ConcurrentQueue<TelemetryEvent> _events = new();
    private long _bytes;
    private int _count;

    /// <summary>How many wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Whether none waits.</summary>
    public bool IsEmpty => _events.IsEmpty;

    /// <summary>Whether another one would be taken.</summary>
    public bool HasRoom => Count < options.MaxEvents && Interlocked.Read(ref _bytes) < options.MaxBytes;

    /// <summary>Adds an event.</summary>
    /// <returns>How many wait now; null where there was no room for it.</returns>
    public int? TryAdd(TelemetryEvent telemetry)
    {
        if (!HasRoom)
        {
            return null;
        }

        Interlocked.Add(ref _bytes, telemetry.Size);
        _events.Enqueue(telemetry);
        return Interlocked.Increment(ref _count);
    }

    /// <summary>Takes the first one; null where there is none.</summary>
    public TelemetryEvent? TryTake()
    {
        if (!_events.TryDequeue(out var telemetry))
        {
            return null;
        }

        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _bytes, -telemetry.Size);
        return telemetry;
    }

    /// <summary>Takes as many as are sent together.</summary>
    public List<TelemetryEvent> TakeBatch()
    {
        List<TelemetryEvent> batch = [];
        for (var bytes = 0L; batch.Count < options.BatchEvents && bytes < options.BatchBytes && TryTake() is { } telemetry; bytes += telemetry.Size)
        {
            batch.Add(telemetry);
        }

        return batch;
    }
}
