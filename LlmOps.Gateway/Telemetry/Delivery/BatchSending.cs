using LlmOps.Gateway.Telemetry.Records;
using OpenTelemetry;

namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>Sends a batch, in halves where a sink does not take it whole, and counts what became of it.</summary>
internal sealed class BatchSending(ISink sink, SinkCounts counts, TimeProvider time)
{
    /// <summary>How long this machine had to do with it.</summary>
    public TimeSpan Work { get; private set; }

    /// <summary>Whether the sink has answered.</summary>
    public bool HasSent { get; private set; }

    /// <summary>Why the sink takes nothing; null while it does.</summary>
    public string? Fault { get; private set; }

    /// <summary>How long it asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>How many were refused for good.</summary>
    public int Rejected { get; private set; }

    /// <summary>Why the first of them was.</summary>
    public string? Reason { get; private set; }

    /// <summary>Sends it.</summary>
    /// <returns>What is to be sent again.</returns>
    public async Task<IReadOnlyList<TelemetryEvent>> SendAsync(IReadOnlyList<TelemetryEvent> batch, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await TimedAsync(batch, cancellationToken);
            HasSent = true;
            counts.Deliver(batch.Count - reply.Rejected - reply.Again.Count);
            Reject(reply.Rejected, reply.Reason);
            if (reply.Again.Count > 0)
            {
                Fault = reply.Reason ?? $"{sink.Name} could not take a part of them.";
            }

            return reply.Again;
        }
        catch (SinkException exception)
        {
            (Fault, RetryAfter) = (exception.Message, exception.RetryAfter);
            return batch;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Fault = "The process ends.";
            return batch;
        }
        catch (Exception exception)
        {
            // Refused, or a fault of the sink's own, which is to keep nothing but the event that it comes from.
            HasSent |= exception is BatchRefusedException;
            return await HalvesAsync(batch, exception.Message, cancellationToken);
        }
    }

    private async Task<IReadOnlyList<TelemetryEvent>> HalvesAsync(IReadOnlyList<TelemetryEvent> batch, string reason, CancellationToken cancellationToken)
    {
        if (batch.Count == 1)
        {
            Reject(1, reason);
            return [];
        }

        var half = batch.Count / 2;
        var left = await SendAsync([.. batch.Take(half)], cancellationToken);
        var second = batch.Skip(half).ToList();
        return [.. left, .. Fault is null ? await SendAsync(second, cancellationToken) : second];
    }

    private async Task<SinkReply> TimedAsync(IReadOnlyList<TelemetryEvent> batch, CancellationToken cancellationToken)
    {
        // What it sends is no part of what is traced.
        using var untraced = SuppressInstrumentationScope.Begin();

        // What a sink does before it first waits is its own work; afterwards the network's, or a server's.
        var startedAt = time.GetTimestamp();
        var sending = sink.SendAsync(batch, cancellationToken);
        Work += sink.IsLocal ? TimeSpan.Zero : time.GetElapsedTime(startedAt);
        try
        {
            return await sending;
        }
        finally
        {
            Work += sink.IsLocal ? time.GetElapsedTime(startedAt) : TimeSpan.Zero;
        }
    }

    private void Reject(int count, string? reason)
    {
        if (count > 0)
        {
            counts.Drop(count, SinkCounts.Rejected);
            Rejected += count;
            Reason ??= reason;
        }
    }
}
