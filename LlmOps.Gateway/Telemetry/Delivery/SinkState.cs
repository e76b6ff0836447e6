namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>Whether a sink takes anything, and when it is called again where it does not. Each change is a line of the log.</summary>
internal sealed partial class SinkState(string sink, DeliveryOptions options, TimeProvider time, ILogger logger)
{
    private readonly SinkBackoff _backoff = new(options, time);
    private string? _fault;
    private bool _spoolFails;

    /// <summary>Why it takes nothing; null while it does.</summary>
    public string? Fault => Volatile.Read(ref _fault);

    /// <summary>How long it is to be left alone from now on; null where it may be called.</summary>
    public TimeSpan? Wait => _backoff.Wait;

    /// <summary>Takes in what came of a batch.</summary>
    /// <param name="sending">The batch, sent.</param>
    /// <param name="waiting">Events that wait in memory.</param>
    /// <param name="spooled">Bytes that wait on the disk.</param>
    public void Heard(BatchSending sending, int waiting, long spooled)
    {
        if (sending is { Rejected: > 0, Reason: { } reason })
        {
            LogRejected(sink, sending.Rejected, reason);
        }

        if (sending.HasSent)
        {
            // Also where it did not take all of them: it goes on, so that the next wait is a short one.
            _backoff.Succeeded();
        }

        if (sending.Fault is { } fault)
        {
            Away(fault, sending.RetryAfter);
        }
        else if (sending.HasSent && _fault is not null)
        {
            _fault = null;
            LogBack(sink, waiting, spooled);
        }
    }

    /// <summary>It takes nothing.</summary>
    public void Away(string fault, TimeSpan? retryAfter)
    {
        _backoff.Failed(retryAfter);
        if (_fault is null)
        {
            LogAway(sink, fault);
        }

        _fault = fault;
    }

    /// <summary>Its delivery has a fault of its own.</summary>
    public void Failed(Exception exception)
    {
        LogFailed(exception, sink);
        Away($"its delivery failed: {exception.Message}", null);
    }

    /// <summary>What waits for it cannot be kept on the disk.</summary>
    public void CannotSpool(string reason)
    {
        if (!_spoolFails)
        {
            _spoolFails = true;
            LogSpoolFails(sink, reason);
        }
    }

    /// <summary>It could not be told that the process ends.</summary>
    public void NotClosed(string reason) => LogNotClosed(sink, reason);

    [LoggerMessage(LogLevel.Error, "The delivery to {Sink} failed; it is tried again.")]
    private partial void LogFailed(Exception exception, string sink);

    [LoggerMessage(LogLevel.Warning, "{Sink} takes no telemetry: {Reason}")]
    private partial void LogAway(string sink, string reason);

    [LoggerMessage(LogLevel.Information, "{Sink} takes telemetry again; {Waiting} events wait in memory, {Bytes} bytes on the disk.")]
    private partial void LogBack(string sink, int waiting, long bytes);

    [LoggerMessage(LogLevel.Warning, "{Sink} refuses {Count} events, which are dropped: {Reason}")]
    private partial void LogRejected(string sink, int count, string reason);

    [LoggerMessage(LogLevel.Error, "Telemetry for {Sink} cannot be kept on the disk, and is dropped: {Reason}")]
    private partial void LogSpoolFails(string sink, string reason);

    [LoggerMessage(LogLevel.Warning, "{Sink} could not be told that this process ends: {Reason}")]
    private partial void LogNotClosed(string sink, string reason);
}
