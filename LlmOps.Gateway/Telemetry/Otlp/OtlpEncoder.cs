using System.Buffers;

namespace LlmOps.Gateway.Telemetry.Otlp;

/// <summary>
/// Spans as an ExportTraceServiceRequest in protobuf (opentelemetry-proto 1.x, collector/trace/v1). Stands in for the serializer of
/// OpenTelemetry.Exporter.OpenTelemetryProtocol, which is internal and takes nothing but live activities: these spans may have waited on
/// the disk, and must keep their ids however often they are sent.
/// </summary>
internal static class OtlpEncoder
{
    /// <summary>Its content type.</summary>
    public const string ContentType = "application/x-protobuf";

    private const int StatusError = 2;

    /// <summary>Encodes spans of one resource.</summary>
    /// <param name="resource">What the spans are of, such as service.name.</param>
    /// <param name="scope">The name of what has made them.</param>
    /// <param name="version">Its version.</param>
    /// <param name="spans">The spans.</param>
    public static byte[] Encode(IReadOnlyDictionary<string, object> resource, string scope, string version, IEnumerable<OtlpSpan> spans)
    {
        var written = new ArrayBufferWriter<byte>(4096);
        new ProtobufWriter(written).Message(1, request =>
        {
            request.Message(1, message => Attributes(message, 1, resource));
            request.Message(2, message =>
            {
                message.Message(1, scoped =>
                {
                    scoped.Text(1, scope);
                    scoped.Text(2, version);
                });
                foreach (var span in spans)
                {
                    message.Message(2, encoded => Encode(encoded, span));
                }
            });
        });
        return written.WrittenSpan.ToArray();
    }

    private static void Encode(ProtobufWriter encoded, OtlpSpan span)
    {
        var said = span.Span;
        encoded.Bytes(1, Convert.FromHexString(span.TraceId));
        encoded.Bytes(2, Convert.FromHexString(said.Id));
        if (said.Parent is { } parent)
        {
            encoded.Bytes(4, Convert.FromHexString(parent));
        }

        encoded.Text(5, said.Name);
        encoded.Number(6, said.Kind switch { "server" => 2, "client" => 3, _ => 1 });
        encoded.Fixed64(7, Nanoseconds(said.StartedAt));
        encoded.Fixed64(8, Nanoseconds(said.StartedAt) + (ulong)Math.Round(Math.Max(0, said.DurationMs) * 1_000_000));
        Attributes(encoded, 9, span.Attributes);
        if (said.Error is { } error)
        {
            encoded.Message(15, status =>
            {
                status.Text(2, error);
                status.Number(3, StatusError);
            });
        }
    }

    private static void Attributes(ProtobufWriter message, int field, IReadOnlyDictionary<string, object> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            message.Message(field, pair =>
            {
                pair.Text(1, name);
                pair.Message(2, any => Value(any, value));
            });
        }
    }

    private static void Value(ProtobufWriter any, object value)
    {
        switch (value)
        {
            case bool flag:
                any.Number(2, flag ? 1 : 0);
                break;
            case int or long:
                any.Number(3, Convert.ToInt64(value, null));
                break;
            case float or double:
                any.Fixed64(4, BitConverter.DoubleToUInt64Bits(Convert.ToDouble(value, null)));
                break;
            case string[] texts:
                any.Message(5, array =>
                {
                    foreach (var text in texts)
                    {
                        array.Message(1, item => item.Text(1, text));
                    }
                });
                break;
            default:
                any.Text(1, value.ToString() ?? "");
                break;
        }
    }

    private static ulong Nanoseconds(DateTimeOffset time) => (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;
}
