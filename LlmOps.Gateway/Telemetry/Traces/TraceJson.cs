using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Traces;

/// <summary>A trace as the store keeps it.</summary>
internal static class TraceJson
{
    /// <summary>JSON, compressed.</summary>
    public static byte[] Write(RequestTrace trace) => Deflated.Compress(TelemetryJson.Write(trace));

    /// <summary>That trace again.</summary>
    public static RequestTrace Read(byte[] compressed) => (RequestTrace)TelemetryJson.Read(Deflated.Decompress(compressed).Span);
}
