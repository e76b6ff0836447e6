using System.Buffers.Binary;
using System.Text;

namespace LlmOps.Tests.Fakes;

/// <summary>A span as it was sent.</summary>
internal sealed record DecodedSpan(
    IReadOnlyDictionary<string, object> Resource, string Scope, string TraceId, string SpanId, string? ParentId, string Name, int Kind, ulong Start, ulong End,
    IReadOnlyDictionary<string, object> Attributes, int Status, string? Message);

/// <summary>Reads an ExportTraceServiceRequest (opentelemetry-proto 1.x) by the numbers of its fields; throws InvalidDataException where it is none.</summary>
internal static class OtlpDecoder
{
    private const int TraceIdBytes = 16;
    private const int SpanIdBytes = 8;

    /// <summary>All spans, in their order.</summary>
    internal static IReadOnlyList<DecodedSpan> Decode(byte[] body)
    {
        List<DecodedSpan> spans = [];
        foreach (var resourceSpans in Messages(Read(body), 1))
        {
            var resource = Attributes(Messages(resourceSpans, 1).SingleOrDefault([]), 1);
            foreach (var scopeSpans in Messages(resourceSpans, 2))
            {
                var scope = Text(Messages(scopeSpans, 1).SingleOrDefault([]), 1);
                spans.AddRange(Messages(scopeSpans, 2).Select(span => Span(resource, scope, span)));
            }
        }

        return spans;
    }

    private static DecodedSpan Span(IReadOnlyDictionary<string, object> resource, string scope, List<Field> span)
    {
        var status = Messages(span, 15).SingleOrDefault([]);
        return new DecodedSpan(
            resource,
            scope,
            Id(span, 1, TraceIdBytes) ?? throw new InvalidDataException("A span has no trace id."),
            Id(span, 2, SpanIdBytes) ?? throw new InvalidDataException("A span has no id."),
            Id(span, 4, SpanIdBytes),
            Text(span, 5),
            (int)Number(span, 6),
            Number(span, 7),
            Number(span, 8),
            Attributes(span, 9),
            (int)Number(status, 3),
            status.Exists(field => field.Number == 2) ? Text(status, 2) : null);
    }

    private static string? Id(List<Field> message, int number, int length) => message.Find(field => field.Number == number) switch
    {
        null => null,
        { Bytes: { } bytes } when bytes.Length == length && bytes.Any(each => each != 0) => Convert.ToHexStringLower(bytes),
        _ => throw new InvalidDataException($"Field {number} is no id of {length} bytes."),
    };

    private static Dictionary<string, object> Attributes(List<Field> message, int number) =>
        Messages(message, number).ToDictionary(pair => Text(pair, 1), pair => Value(Messages(pair, 2).Single()));

    private static object Value(List<Field> any)
    {
        var field = any.Count == 1 ? any[0] : throw new InvalidDataException($"A value has {any.Count} forms.");
        return field.Number switch
        {
            1 => Utf8(field),
            2 => field.Value == 1,
            3 => (long)field.Value,
            4 => BitConverter.UInt64BitsToDouble(field.Value),
            5 => Messages(Read(field.Bytes!), 1).Select(item => (string)Value(item)).ToArray(),
            _ => throw new InvalidDataException($"A value has form {field.Number}."),
        };
    }

    private static IEnumerable<List<Field>> Messages(List<Field> message, int number) =>
        message.Where(field => field.Number == number).Select(field => Read(field.Bytes ?? throw new InvalidDataException($"Field {number} is no message.")));

    private static string Text(List<Field> message, int number) => message.Find(field => field.Number == number) is { } field ? Utf8(field) : "";

    private static ulong Number(List<Field> message, int number) => message.Find(field => field.Number == number)?.Value ?? 0;

    private static string Utf8(Field field) =>
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(field.Bytes ?? throw new InvalidDataException($"Field {field.Number} is no text."));

    private static List<Field> Read(ReadOnlySpan<byte> message)
    {
        List<Field> fields = [];
        while (!message.IsEmpty)
        {
            var tag = Varint(ref message);
            var number = (int)(tag >> 3);
            fields.Add((tag & 7) switch
            {
                0 => new Field(number, Varint(ref message), null),
                1 => new Field(number, BinaryPrimitives.ReadUInt64LittleEndian(Take(ref message, 8)), null),
                2 => new Field(number, 0, Take(ref message, checked((int)Varint(ref message))).ToArray()),
                5 => new Field(number, BinaryPrimitives.ReadUInt32LittleEndian(Take(ref message, 4)), null),
                var type => throw new InvalidDataException($"There is no wire type {type}."),
            });
        }

        return fields;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(ref message, 1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("A number has more than 64 bits.");
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> message, int length)
    {
        if (length > message.Length)
        {
            throw new InvalidDataException($"{length} bytes are announced where {message.Length} are.");
        }

        var taken = message[..length];
        message = message[length..];
        return taken;
    }

    private sealed record Field(int Number, ulong Value, byte[]? Bytes);
}
