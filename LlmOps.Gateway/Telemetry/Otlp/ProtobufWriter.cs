using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace LlmOps.Gateway.Telemetry.Otlp;

/// <summary>Writes the wire format of protobuf: https://protobuf.dev/programming-guides/encoding/</summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0;
    private const int Eight = 1;
    private const int Delimited = 2;

    // A message's length comes before it, and is known after it: its place is held open, and filled with a varint that is longer than it need be.
    private const int LengthBytes = 4;

    private byte[] _bytes = new byte[4096];
    private int _length;

    /// <summary>What was written.</summary>
    public byte[] ToArray() => _bytes[.._length];

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
        BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);
        _length += 8;
    }

    /// <summary>Bytes that are told in hexadecimal digits.</summary>
    public void Hexadecimal(int field, string digits)
    {
        Tag(field, Delimited);
        Write((ulong)(digits.Length / 2));
        if (Convert.FromHexString(digits, Room(digits.Length / 2), out _, out var written) != OperationStatus.Done)
        {
            throw new FormatException($"'{digits}' is no hexadecimal number.");
        }

        _length += written;
    }

    /// <summary>Text in UTF-8.</summary>
    public void Text(int field, string value)
    {
        Tag(field, Delimited);
        var length = Encoding.UTF8.GetByteCount(value);
        Write((ulong)length);
        _length += Encoding.UTF8.GetBytes(value, Room(length));
    }

    /// <summary>Begins a message within this one; what is written until its end belongs to it.</summary>
    /// <returns>What <see cref="End"/> takes.</returns>
    public int Begin(int field)
    {
        Tag(field, Delimited);
        Room(LengthBytes);
        _length += LengthBytes;
        return _length;
    }

    /// <summary>Ends it.</summary>
    public void End(int begin)
    {
        var length = _length - begin;
        for (var index = 0; index < LengthBytes; index++)
        {
            var more = index < LengthBytes - 1 ? 0x80 : 0;
            _bytes[begin - LengthBytes + index] = (byte)((length >> (7 * index) & 0x7F) | more);
        }
    }

    private void Tag(int field, int type) => Write((ulong)(field << 3 | type));

    private void Write(ulong value)
    {
        var span = Room(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        _length += length;
    }

    private Span<byte> Room(int count)
    {
        if (_bytes.Length - _length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        }

        return _bytes.AsSpan(_length);
    }
}
