using System.Diagnostics;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Otlp;

/// <summary>A span is over that is to be exported over OTLP; never on the disk.</summary>
internal sealed record SpanEnded(Activity Span) : TelemetryEvent
{
    private const int SizeOfSpan = 1000;

    /// <inheritdoc/>
    public override Guid EventId { get; } = Guid.CreateVersion7();

    /// <inheritdoc/>
    public override int Size => SizeOfSpan;
}
