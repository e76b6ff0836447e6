using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Otlp;

/// <summary>Spans over OTLP, where its variables ask for it: OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT.</summary>
internal sealed class OtlpSink(OtlpSpanExporter exporter) : ISink
{
    /// <inheritdoc/>
    public string Name => "otlp";

    /// <inheritdoc/>
    public bool TakesRequests => false;

    /// <inheritdoc/>
    public bool Takes(TelemetryEvent telemetry) => telemetry is SpanEnded;

    /// <inheritdoc/>
    public async Task<SinkReply> SendAsync(IReadOnlyList<TelemetryEvent> events, CancellationToken cancellationToken)
    {
        // It holds its thread until the server has answered: one of its own, so that requests have all of the pool's.
        var spans = events.Cast<SpanEnded>().Select(ended => ended.Span).ToArray();
        var (taken, answered) = await Task.Factory.StartNew(() => exporter.Export(spans), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return taken ? SinkReply.Taken : (int?)answered switch
        {
            null => throw new SinkException($"{exporter.Endpoint} cannot be reached."),
            400 or 413 or 422 => throw new BatchRefusedException($"{exporter.Endpoint} answers {(int)answered}."),
            { } status => throw new SinkException($"{exporter.Endpoint} answers {status}."),
        };
    }
}
