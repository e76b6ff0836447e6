using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Kafka;

/// <summary>
/// What Kafka would get, in files beside the log's, where there is no Kafka. While Kafka is only away its events wait in the delivery's
/// spool and go to it later, so that there is nothing for a file to do.
/// </summary>
internal sealed class FileSink(EventFile file, KafkaOptions topics) : ISink, IDisposable
{
    /// <inheritdoc/>
    public string Name => "events-file";

    /// <summary>The sink; null where Kafka is enabled, or the log goes to no file.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="logFile">The log's file (Logging:File:Path); null for none.</param>
    public static FileSink? Create(TelemetryOptions options, string? logFile) =>
        options.Kafka.Enabled || string.IsNullOrEmpty(logFile) ? null : new FileSink(EventFile.BesideLog(logFile), options.Kafka);

    /// <inheritdoc/>
    public bool Takes(TelemetryEvent telemetry) => telemetry is RequestTrace;

    /// <inheritdoc/>
    public async Task<SinkReply> SendAsync(IReadOnlyList<TelemetryEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            await file.AppendAsync(TopicRecord.Of(events, topics), cancellationToken);
            return SinkReply.Taken;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SinkException($"The file of events cannot be written: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
