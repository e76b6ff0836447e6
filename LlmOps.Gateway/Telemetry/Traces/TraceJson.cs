using System.IO.Compression;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Traces;

/// <summary>A trace as the store keeps it.</summary>
internal static class TraceJson
{
    /// <summary>JSON, compressed.</summary>
    public static byte[] Write(RequestTrace trace)
    {
        // Of 2.3 kB it makes 0.8 in 15 µs; the fastest level makes 1.1 in 9, and Brotli takes 90 for as little.
        var json = TelemetryJson.Write(trace);
        using var compressed = new MemoryStream(json.Length / 3);
        using (var deflate = new DeflateStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(json);
        }

        return compressed.ToArray();
    }

    /// <summary>That trace again.</summary>
    public static RequestTrace Read(byte[] compressed)
    {
        using var deflate = new DeflateStream(new MemoryStream(compressed), CompressionMode.Decompress);
        using var json = new MemoryStream();
        deflate.CopyTo(json);
        return (RequestTrace)TelemetryJson.Read(json.GetBuffer().AsSpan(0, (int)json.Length));
    }
}
