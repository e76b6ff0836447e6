using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Otlp;

/// <summary>A span as OTLP has it.</summary>
/// <param name="TraceId">32 hexadecimal digits.</param>
/// <param name="Span">What it says; an id, and that of its parent, of 16 hexadecimal digits.</param>
/// <param name="Attributes">In place of the span's own.</param>
internal sealed record OtlpSpan(string TraceId, TraceSpan Span, IReadOnlyDictionary<string, object> Attributes);
