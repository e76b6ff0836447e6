using System.Threading.Channels;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>
/// Brings events to one sink, whatever that does: they wait in a bounded queue, go out in batches, are sent again where the sink fails, and lie
/// on the disk while it cannot be reached. Every event is delivered at least once, or dropped and counted.
/// </summary>
/// <param name="sink">Where they go.</param>
/// <param name="options">How.</param>
/// <param name="spool">Where they lie on the disk; null for nowhere.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Each change of the sink's state is a line in it.</param>
internal sealed class SinkDelivery(ISink sink, DeliveryOptions options, Spool? spool, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(2);

    private readonly EventQueue _queue = new(options);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _giveUp = new();
    private readonly SinkState _state = new(sink.Name, options, time, logger);
    private readonly ProcessLoad _load = new(time);

    // Without a spool, what is to be sent again stays here.
    private IReadOnlyList<TelemetryEvent> _kept = [];

    /// <summary>Its name.</summary>
    public string Name => sink.Name;

    /// <summary>Whether its sink takes requests.</summary>
    public bool TakesRequests => sink.TakesRequests;

    /// <summary>What became of the events.</summary>
    public SinkCounts Counts { get; } = new();

    /// <summary>Events in memory.</summary>
    public int Waiting => _queue.Count + Volatile.Read(ref _kept).Count;

    /// <summary>Bytes on the disk.</summary>
    public long Spooled => spool?.Bytes ?? 0;

    /// <summary>Why the sink takes nothing; null while it does.</summary>
    public string? Fault => _state.Fault;

    /// <summary>Whether another event would be taken.</summary>
    public bool HasRoom => _queue.HasRoom;

    /// <summary>Takes an event, or drops it; it neither waits nor fails.</summary>
    public void Offer(TelemetryEvent telemetry)
    {
        if (!sink.Takes(telemetry))
        {
            return;
        }

        if (_queue.TryAdd(telemetry) is not { } waiting)
        {
            Counts.Drop(1, SinkCounts.Full);
        }
        else if (waiting == 1 || waiting == options.BatchEvents)
        {
            _wake.Writer.TryWrite(true);
        }
    }

    /// <summary>An event that would have been offered was not made, as nobody had room for it.</summary>
    public void Missed() => Counts.Drop(1, SinkCounts.Full);

    /// <summary>Takes over what a process that is gone has left.</summary>
    /// <exception cref="IOException">It cannot be moved.</exception>
    public void Adopt(string folder)
    {
        spool?.Adopt(folder);
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Sends what comes, until it is cancelled; then what is there, until <paramref name="end"/> is over, and puts the rest on the disk.</summary>
    /// <param name="end">Longest time after that.</param>
    /// <param name="stopping">Cancelled when the process is about to end.</param>
    public async Task RunAsync(TimeSpan end, CancellationToken stopping)
    {
        using var ending = stopping.UnsafeRegister(_ => _giveUp.CancelAfter(end), null);
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await GoOnAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // The end of the process, and of the loop.
            }
            catch (Exception exception)
            {
                // It must not end, nor the gateway with it: it goes on after a pause.
                _state.Failed(exception);
            }
        }

        await EndAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        spool?.Dispose();
        _giveUp.Dispose();
        (sink as IDisposable)?.Dispose();
    }

    private async Task GoOnAsync(CancellationToken stopping)
    {
        if (_state.Wait is { } wait && wait > TimeSpan.Zero)
        {
            // What comes meanwhile is not to fill the memory.
            if (spool is null || _queue.IsEmpty)
            {
                await WakeAsync(wait, stopping);
            }

            await RestAsync(MoveToSpool(), stopping);
            return;
        }

        if (_kept.Count == 0 && spool is not { IsEmpty: false } && _queue.IsEmpty)
        {
            await _wake.Reader.ReadAsync(stopping);
            return;
        }

        if (_kept.Count == 0 && spool is not { IsEmpty: false } && _queue.Count < options.BatchEvents)
        {
            await WakeAsync(options.Interval, stopping);
        }

        await RestAsync(await SendNextAsync(), stopping);
    }

    // Leaves the machine to requests, and more of it where they wait for it.
    private async Task RestAsync(TimeSpan worked, CancellationToken stopping)
    {
        var rest = worked * (1 / (_load.IsBusy ? options.BusyDuty : options.Duty) - 1);
        if (rest > TimeSpan.Zero)
        {
            await Task.Delay(rest < LongestRest ? rest : LongestRest, time, stopping);
        }
    }

    // The next batch, from wherever it is its turn. Returns how long this machine had to do with it.
    private async Task<TimeSpan> SendNextAsync()
    {
        if (spool is { IsEmpty: false })
        {
            // Behind what waits already.
            return MoveToSpool() + await SendSpooledAsync(spool);
        }

        var batch = _kept.Count > 0 ? _kept : _queue.TakeBatch();
        _kept = [];
        var sending = new BatchSending(sink, Counts, time);
        var left = batch.Count == 0 ? [] : await sending.SendAsync(batch, _giveUp.Token);
        _state.Heard(sending, Waiting, Spooled);
        Keep(left);
        return sending.Work;
    }

    private async Task<TimeSpan> SendSpooledAsync(Spool from)
    {
        IReadOnlyList<TelemetryEvent> batch;
        try
        {
            batch = from.Next(options.BatchEvents, options.BatchBytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _state.Away($"its spool cannot be read: {exception.Message}", null);
            return TimeSpan.Zero;
        }

        Counts.Drop(from.TakeDamaged(), SinkCounts.Damaged);
        var sending = new BatchSending(sink, Counts, time);
        var left = batch.Count == 0 ? [] : await sending.SendAsync(batch, _giveUp.Token);
        _state.Heard(sending, Waiting, Spooled);
        if (left.Count < batch.Count)
        {
            // First, so that there is room for what is kept.
            from.Remove(batch.Count);
            Keep(left);
        }

        return sending.Work;
    }

    private void Keep(IReadOnlyList<TelemetryEvent> left)
    {
        if (spool is null || left.Count == 0)
        {
            _kept = left;
            return;
        }

        foreach (var telemetry in left)
        {
            AddToSpool(telemetry);
        }

        spool.Flush();
    }

    // As many as are sent together. Returns how long it took.
    private TimeSpan MoveToSpool()
    {
        if (spool is null || _queue.IsEmpty)
        {
            return TimeSpan.Zero;
        }

        var startedAt = time.GetTimestamp();
        for (var count = 0; count < options.BatchEvents && _queue.TryTake() is { } telemetry; count++)
        {
            AddToSpool(telemetry);
        }

        spool.Flush();
        return time.GetElapsedTime(startedAt);
    }

    private void AddToSpool(TelemetryEvent telemetry)
    {
        try
        {
            if (!spool!.TryAdd(telemetry))
            {
                Counts.Drop(1, SinkCounts.SpoolFull);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Counts.Drop(1, SinkCounts.SpoolFull);
            _state.CannotSpool(exception.Message);
        }
    }

    // Until a batch is full, or the time is over.
    private async Task WakeAsync(TimeSpan most, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var timer = time.CreateTimer(static limit => ((CancellationTokenSource)limit!).Cancel(), limit, most, Timeout.InfiniteTimeSpan);
        try
        {
            await _wake.Reader.ReadAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            // The time is over.
        }
    }

    private async Task EndAsync()
    {
        // While it cannot be reached it is not waited for.
        while (!_giveUp.IsCancellationRequested && Fault is null && (_kept.Count > 0 || !_queue.IsEmpty))
        {
            try
            {
                await SendNextAsync();
            }
            catch (Exception exception)
            {
                _state.Failed(exception);
            }
        }

        while (spool is not null && !_queue.IsEmpty)
        {
            MoveToSpool();
        }

        Counts.Drop(Waiting, SinkCounts.Ended);
        try
        {
            await sink.CloseAsync(_giveUp.Token);
        }
        catch (Exception exception) when (exception is SinkException or BatchRefusedException or OperationCanceledException)
        {
            _state.NotClosed(exception.Message);
        }
    }
}
