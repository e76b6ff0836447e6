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
        var written = new ProtobufWriter();
        var ofResource = written.Begin(1);
        var described = written.Begin(1);
        Attributes(written, 1, resource);
        written.End(described);
        var ofScope = written.Begin(2);
        var scoped = written.Begin(1);
        written.Text(1, scope);
        written.Text(2, version);
        written.End(scoped);
        foreach (var span in spans)
        {
            var encoded = written.Begin(2);
            Encode(written, span);
            written.End(encoded);
        }

        written.End(ofScope);
        written.End(ofResource);
        return written.ToArray();
    }

    private static void Encode(ProtobufWriter written, OtlpSpan span)
    {
        var said = span.Span;
        written.Hexadecimal(1, span.TraceId);
        written.Hexadecimal(2, said.Id);
        if (said.Parent is { } parent)
        {
            written.Hexadecimal(4, parent);
        }

        written.Text(5, said.Name);
        written.Number(6, said.Kind switch { "server" => 2, "client" => 3, _ => 1 });
        written.Fixed64(7, Nanoseconds(said.StartedAt));
        written.Fixed64(8, Nanoseconds(said.StartedAt) + (ulong)Math.Round(Math.Max(0, said.DurationMs) * 1_000_000));
        Attributes(written, 9, span.Attributes);
        if (said.Error is { } error)
        {
            var status = written.Begin(15);
            written.Text(2, error);
            written.Number(3, StatusError);
            written.End(status);
        }
    }

    private static void Attributes(ProtobufWriter written, int field, IReadOnlyDictionary<string, object> attributes)
    {
        foreach (var (name, value) in attributes)
        {
            var pair = written.Begin(field);
            written.Text(1, name);
            var any = written.Begin(2);
            Value(written, value);
            written.End(any);
            written.End(pair);
        }
    }

    private static void Value(ProtobufWriter written, object value)
    {
        switch (value)
        {
            case bool flag:
                written.Number(2, flag ? 1 : 0);
                break;
            case int or long:
                written.Number(3, Convert.ToInt64(value, null));
                break;
            case float or double:
                written.Fixed64(4, BitConverter.DoubleToUInt64Bits(Convert.ToDouble(value, null)));
                break;
            case string[] texts:
                var array = written.Begin(5);
                foreach (var text in texts)
                {
                    var item = written.Begin(1);
                    written.Text(1, text);
                    written.End(item);
                }

                written.End(array);
                break;
            default:
                written.Text(1, value.ToString() ?? "");
                break;
        }
    }

    private static ulong Nanoseconds(DateTimeOffset time) => (ulong)(time - DateTimeOffset.UnixEpoch).Ticks * 100;
}
