using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>
/// One place that telemetry is sent to: how it is written there, and where that is. When, how often, and what becomes of it in between
/// is SinkDelivery's.
/// </summary>
internal interface ISink
{
    /// <summary>Its name in /health, metrics and logs: traces, langfuse, mlflow, kafka, …</summary>
    string Name { get; }

    /// <summary>Whether it takes requests: then they are traced for it, and may wait on the disk.</summary>
    bool TakesRequests => true;

    /// <summary>Whether this machine does all of its work: then all of its time counts as such.</summary>
    bool IsLocal => false;

    /// <summary>Whether an event is anything to it. Asked for every event, by the request that it is of.</summary>
    bool Takes(TelemetryEvent telemetry);

    /// <summary>Sends events that it takes, in the order in which they happened; one call at a time.</summary>
    /// <param name="events">The events; some may have been sent before.</param>
    /// <param name="cancellationToken">Gives it up: they are sent again then.</param>
    /// <exception cref="SinkException">None of them, or no one knows which, were taken: they are sent again later.</exception>
    /// <exception cref="BatchRefusedException">They were not taken together: they are sent again in smaller parts, and one that is refused alone is dropped.</exception>
    Task<SinkReply> SendAsync(IReadOnlyList<TelemetryEvent> events, CancellationToken cancellationToken);

    /// <summary>Nothing is sent any more, as the process ends: what was opened is to be closed.</summary>
    Task CloseAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>What a sink said to events; those that it says nothing of were taken.</summary>
internal sealed record SinkReply
{
    /// <summary>All of them were taken.</summary>
    public static readonly SinkReply Taken = new();

    /// <summary>How many it refused for good: they are dropped.</summary>
    public int Rejected { get; init; }

    /// <summary>Why it refused the first of them; without anything of a prompt.</summary>
    public string? Reason { get; init; }

    /// <summary>Those that are to be sent again.</summary>
    public IReadOnlyList<TelemetryEvent> Again { get; init; } = [];
}

/// <summary>A sink cannot be reached, or does not take anything at the moment.</summary>
internal sealed class SinkException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>How long it asks to be left alone; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether it may be otherwise in a moment, as the sink is away, busy or broken; false where somebody has to set something right first, or nobody knows.</summary>
    public bool IsPassing { get; init; }
}

/// <summary>A sink does not take these events together: too large, or one of them is at fault and it does not say which.</summary>
internal sealed class BatchRefusedException(string message) : Exception(message);
