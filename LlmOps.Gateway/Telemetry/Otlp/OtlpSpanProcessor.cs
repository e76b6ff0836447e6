using System.Diagnostics;
using LlmOps.Gateway.Telemetry.Delivery;
using OpenTelemetry;

namespace LlmOps.Gateway.Telemetry.Otlp;

/// <summary>
/// Gives spans that are to be exported to the one delivery of all sinks, in place of OpenTelemetry's batch processor, which neither sends again
/// what a collector did not take nor counts what it drops.
/// </summary>
internal sealed class OtlpSpanProcessor(OtlpSpanExporter exporter, Sinks sinks) : BaseExportProcessor<Activity>(exporter.Exporter)
{
    /// <inheritdoc/>
    protected override void OnExport(Activity data)
    {
        if (data.Recorded)
        {
            sinks.Publish(new SpanEnded(data));
        }
    }
}
