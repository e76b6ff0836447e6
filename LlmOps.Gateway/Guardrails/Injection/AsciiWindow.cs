using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>
/// A part of a text, a byte for each character: ASCII with small letters, and 128 and more for all else. It knows where each word of
/// letters and digits begins, and where anything stands that is neither part of one nor a space, a comma, a round bracket, a hyphen or
/// an underscore, which only part words.
/// </summary>
internal readonly ref struct AsciiWindow
{
    /// <summary>How many characters of a text it has.</summary>
    public const int Size = 1024;

    /// <summary>How many bytes it needs.</summary>
    public const int BufferSize = Characters + (3 * Bits) + (sizeof(char) * 32);

    // What begins at the last place ends behind it; and items are read for so many at once.
    private const int Ahead = 64;
    private const int Characters = Size + Ahead;

    // Eight bytes are read for each place, of which 57 bits at least are its own and those that follow.
    private const int Bits = (Characters / 8) + 8;

    private static readonly Vector256<byte> Space = Vector256.Create((byte)' ');

    private readonly Span<byte> _letters;
    private readonly Span<byte> _digits;
    private readonly Span<byte> _items;

    // What the text ends with, and spaces.
    private readonly Span<ushort> _last;

    public AsciiWindow(Span<byte> buffer)
    {
        Text = buffer[..Characters];
        _letters = buffer.Slice(Characters, Bits);
        _digits = buffer.Slice(Characters + Bits, Bits);
        _items = buffer.Slice(Characters + (2 * Bits), Bits);
        _last = MemoryMarshal.Cast<byte, ushort>(buffer[(Characters + (3 * Bits))..]);
    }

    /// <summary>Its characters, and some that follow them; behind the text's end there are spaces.</summary>
    public Span<byte> Text { get; }

    /// <summary>Where in 64 characters from a multiple of 64 on words begin, or something else stands.</summary>
    public ulong Items(int from) => BinaryPrimitives.ReadUInt64LittleEndian(_items[(from >> 3)..]);

    /// <summary>How many letters there are from a place on.</summary>
    public int Letters(int at) => Run(_letters, at);

    /// <summary>How many digits there are from a place on.</summary>
    public int Digits(int at) => Run(_digits, at);

    /// <summary>Moves it to a place of a text.</summary>
    public void Move(ReadOnlySpan<char> text, int from)
    {
        var characters = MemoryMarshal.Cast<char, ushort>(text);
        var before = from > 0 && char.IsAsciiLetterOrDigit(text[from - 1]) ? 1u : 0;
        for (var at = 0; at < Characters && from + at < text.Length + Ahead; at += Vector256<byte>.Count)
        {
            var left = characters[Math.Min(from + at, characters.Length)..];
            if (left.Length < Vector256<byte>.Count)
            {
                _last.Fill(' ');
                left.CopyTo(_last);
                left = _last;
            }

            var bytes = Vector256.NarrowWithSaturation(Vector256.Create(left), Vector256.Create(left[Vector256<ushort>.Count..]));
            var letters = Vector256.LessThanOrEqual((bytes | Space) - Vector256.Create((byte)'a'), Vector256.Create((byte)('z' - 'a')));
            var digits = Vector256.LessThanOrEqual(bytes - Vector256.Create((byte)'0'), Vector256.Create((byte)9));

            // ( and ), a comma and a hyphen differ in the last bit.
            var pairs = bytes & Vector256.Create((byte)0xFE);
            var parting = Vector256.Equals(bytes, Space) | Vector256.Equals(bytes, Vector256.Create((byte)'_'))
                | Vector256.Equals(pairs, Vector256.Create((byte)'(')) | Vector256.Equals(pairs, Vector256.Create((byte)','));
            var words = (letters | digits).ExtractMostSignificantBits();

            // A space's bit makes a small letter of a capital one.
            (bytes | (letters & Space)).CopyTo(Text[at..]);
            BinaryPrimitives.WriteUInt32LittleEndian(_letters[(at >> 3)..], letters.ExtractMostSignificantBits());
            BinaryPrimitives.WriteUInt32LittleEndian(_digits[(at >> 3)..], digits.ExtractMostSignificantBits());
            BinaryPrimitives.WriteUInt32LittleEndian(_items[(at >> 3)..], ~(words | parting.ExtractMostSignificantBits()) | (words & ~((words << 1) | before)));
            before = words >> 31;
        }
    }

    private static int Run(ReadOnlySpan<byte> bits, int at) => BitOperations.TrailingZeroCount(~(BinaryPrimitives.ReadUInt64LittleEndian(bits[(at >> 3)..]) >> (at & 7)));
}
