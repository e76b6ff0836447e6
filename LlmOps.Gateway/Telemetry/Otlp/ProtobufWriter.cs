using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace LlmOps.Gateway.Telemetry.Otlp;

/// <summary>Writes the wire format of protobuf: https://protobuf.dev/programming-guides/encoding/</summary>
internal sealed class ProtobufWriter(ArrayBufferWriter<byte> into)
{
    private const int Varint = 0;
    private const int Eight = 1;
    private const int Delimited = 2;

    /// <summary>A number, an enumeration's value or a bool; as int64.</summary>
    public void Number(int field, long value)
    {
        Tag(field, Varint);
        Write((ulong)value);
    }

    /// <summary>Eight bytes: fixed64, or a double's bits.</summary>
    public void Fixed64(int field, ulong value)
    {
        Tag(field, Eight);
        BinaryPrimitives.WriteUInt64LittleEndian(into.GetSpan(8), value);
        into.Advance(8);
    }

    /// <summary>Bytes.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, Delimited);
        Write((ulong)value.Length);
        into.Write(value);
    }

    /// <summary>Text in UTF-8.</summary>
    public void Text(int field, string value)
    {
        Tag(field, Delimited);
        var length = Encoding.UTF8.GetByteCount(value);
        Write((ulong)length);
        into.Advance(Encoding.UTF8.GetBytes(value, into.GetSpan(length)));
    }

    /// <summary>A message within this one.</summary>
    public void Message(int field, Action<ProtobufWriter> write)
    {
        // Its length comes before it.
        var inner = new ArrayBufferWriter<byte>();
        write(new ProtobufWriter(inner));
        Bytes(field, inner.WrittenSpan);
    }

    private void Tag(int field, int type) => Write((ulong)(field << 3 | type));

    private void Write(ulong value)
    {
        var span = into.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        into.Advance(length);
    }
}
