using System.Diagnostics.Metrics;

namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>How deliveries fare, for OpenTelemetry.</summary>
internal sealed class SinkMetrics : IDisposable
{
    private readonly Meter _meter = new(TelemetryNames.Source);

    public SinkMetrics(IReadOnlyList<SinkDelivery> all)
    {
        _meter.CreateObservableCounter(TelemetryNames.SinkDelivered, () => all.Select(delivery => new Measurement<long>(delivery.Counts.Delivered, Tag(delivery))), "{event}", "Events that a sink has taken.");
        _meter.CreateObservableCounter(
            TelemetryNames.SinkDropped,
            () => all.SelectMany(delivery => delivery.Counts.Dropped.Select(dropped => new Measurement<long>(dropped.Value, Tag(delivery), new("reason", dropped.Key)))),
            "{event}",
            "Events that were dropped: full, spool_full, rejected, damaged, ended.");
        _meter.CreateObservableGauge(TelemetryNames.SinkWaiting, () => all.Select(delivery => new Measurement<long>(delivery.Waiting, Tag(delivery))), "{event}", "Events that wait in memory.");
        _meter.CreateObservableGauge(TelemetryNames.SinkSpooled, () => all.Select(delivery => new Measurement<long>(delivery.Spooled, Tag(delivery))), "By", "Bytes that wait on the disk.");
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(SinkDelivery delivery) => new("sink", delivery.Name);
}
