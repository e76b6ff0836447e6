using System.Globalization;

namespace LlmOps.Gateway.JsonSchema;

/// <summary>What follows a backslash in a regular expression of ECMA 262, for .NET.</summary>
/// <param name="Text">What stands for it; empty where it is a set.</param>
/// <param name="Set">What stands between brackets for it, as in <c>0-9</c> for <c>\d</c>; null where it is one character or a position.</param>
/// <param name="HasPairs">Whether the set has the characters beyond U+FFFF too.</param>
internal readonly record struct EcmaEscape(string Text, string? Set = null, bool HasPairs = false)
{
    private const string NoDigit = @"\x00-/:-\ud7ff\ue000-\uffff";
    private const string NoWord = @"\x00-/:-@\[-\^`{-\ud7ff\ue000-\uffff";
    private const string Space = @"\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";
    private const string NoSpace =
        @"\x00-\x08\x0e-\x1f!-\x9f\xa1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\ud7ff\ue000-\ufefe\uff00-\uffff";

    /// <summary>Reads what follows the backslash; afterwards the position is behind it.</summary>
    /// <exception cref="FormatException">There is no such escape, or it is not supported.</exception>
    public static EcmaEscape Read(string source, ref int position, bool inClass = false)
    {
        if (position == source.Length)
        {
            throw new FormatException("is no regular expression, as it ends with a backslash");
        }

        var letter = source[position++];
        switch (letter)
        {
            case 'd':
                return new("", "0-9");
            case 'D':
                return new("", NoDigit, HasPairs: true);
            case 'w':
                return new("", "a-zA-Z0-9_");
            case 'W':
                return new("", NoWord, HasPairs: true);
            case 's':
                return new("", Space);
            case 'S':
                return new("", NoSpace, HasPairs: true);
            case 'b' when inClass:
                return new(@"\x08");
            case 'b' or 'B' when !inClass:
                return new(Boundary(letter == 'b'));
            case 'n' or 'r' or 't' or 'f' or 'v':
                return new($@"\{letter}");
            case '0' when position == source.Length || !char.IsAsciiDigit(source[position]):
                return new(@"\x00");
            case 'x':
                return Character(Hex(source, ref position, 2), inClass);
            case 'u':
                return Character(CodePoint(source, ref position), inClass);
            case 'c' when position < source.Length && char.IsAsciiLetter(source[position]):
                return Character(source[position++] % 32, inClass);
            case 'p' or 'P':
                return Category(letter, source, ref position);
            case '_':
                return new("_");
            case < '\x7f' when !char.IsAsciiLetterOrDigit(letter):
                return new($@"\{letter}");
            default:
                throw new FormatException($@"has the escape \{letter}, which is not supported");
        }
    }

    // .NET's own takes letters of all scripts for parts of words.
    private static string Boundary(bool isThere) => isThere
        ? "(?:(?<=[a-zA-Z0-9_])(?![a-zA-Z0-9_])|(?<![a-zA-Z0-9_])(?=[a-zA-Z0-9_]))"
        : "(?:(?<=[a-zA-Z0-9_])(?=[a-zA-Z0-9_])|(?<![a-zA-Z0-9_])(?![a-zA-Z0-9_]))";

    private static EcmaEscape Category(char letter, string source, ref int position)
    {
        var end = source.IndexOf('}', position);
        if (end < 0 || source[position] != '{' || end - position is not (2 or 3))
        {
            throw new FormatException($@"has \{letter} without a general category such as {{L}} or {{Lu}}");
        }

        var category = source[position..(end + 1)];
        position = end + 1;
        return new("", $@"\{letter}{category}");
    }

    private static int CodePoint(string source, ref int position)
    {
        if (position < source.Length && source[position] == '{')
        {
            var end = source.IndexOf('}', position);
            var digits = end < 0 ? "" : source[(position + 1)..end];
            position = end + 1;
            return int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var point) && point is >= 0 and <= 0x10ffff
                ? point
                : throw new FormatException(@"has \u{ without a code point");
        }

        var unit = Hex(source, ref position, 4);
        if (!char.IsHighSurrogate((char)unit) || string.CompareOrdinal(source, position, @"\u", 0, 2) != 0)
        {
            return unit;
        }

        position += 2;
        var second = Hex(source, ref position, 4);
        return char.IsLowSurrogate((char)second)
            ? char.ConvertToUtf32((char)unit, (char)second)
            : throw new FormatException("has half of a surrogate pair in it");
    }

    private static int Hex(string source, ref int position, int length)
    {
        var digits = source.AsSpan(position, Math.Min(length, source.Length - position));
        position += digits.Length;
        return digits.Length == length && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"has an escape without its {length} hexadecimal digits"));
    }

    private static EcmaEscape Character(int point, bool inClass) =>
        point is >= 0xd800 and <= 0xdfff ? throw new FormatException("has half of a surrogate pair in it")
        : point <= 0xffff ? new(string.Create(CultureInfo.InvariantCulture, $@"\u{point:x4}"))
        : inClass ? throw new FormatException("has a character beyond U+FFFF between [ and ], which is not supported")
        : new($"(?:{char.ConvertFromUtf32(point)})");
}
