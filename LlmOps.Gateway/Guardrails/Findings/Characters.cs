using System.Buffers;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Classes of characters, and where numbers begin and end.</summary>
internal static class Characters
{
    /// <summary>Capitals and digits.</summary>
    public static readonly SearchValues<char> Capitals = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    public static readonly SearchValues<char> Hexadecimal = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Letters, digits and the two signs of base64 in URLs.</summary>
    public static readonly SearchValues<char> Base64Url = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>Whether it is a Latin letter or a digit: other scripts need no space beside an address or a number.</summary>
    public static bool IsLatin(char character) => character < '\u0250' && char.IsLetterOrDigit(character);

    /// <summary>Whether a number beside it would be part of a word or an identifier.</summary>
    public static bool IsWord(char character) => IsLatin(character) || character == '_';

    /// <summary>Whether it is a space between the groups of a number.</summary>
    public static bool IsGroupSpace(char character) => character is ' ' or '\u00a0' or '\u202f';

    /// <summary>Whether a number may begin at a place: not inside a word, a decimal, an identifier with hyphens, an amount or after a number sign.</summary>
    public static bool StartsNumber(ReadOnlySpan<char> text, int start)
    {
        if (start == 0)
        {
            return true;
        }

        var before = text[start - 1];
        var earlier = start > 1 ? text[start - 2] : '\0';
        return before switch
        {
            '#' or '$' or '€' or '£' or '+' => false,
            '-' => !IsWord(earlier),
            '.' or '/' => !char.IsAsciiDigit(earlier),
            _ => !IsWord(before),
        };
    }

    /// <summary>Whether a number may end before a place: neither a word nor a decimal or an identifier with hyphens goes on.</summary>
    public static bool EndsNumber(ref Peek text, int end) => text[end] switch
    {
        '-' => !IsWord(text[end + 1]),
        '.' => !char.IsAsciiDigit(text[end + 1]),
        var after => !IsWord(after),
    };

    /// <summary>What stands before a place, as far as detectors may look.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">The place.</param>
    /// <param name="most">How many UTF-16 units, up to <see cref="ITextDetector.Before"/>.</param>
    public static ReadOnlySpan<char> Before(ReadOnlySpan<char> text, int start, int most) =>
        text[Math.Max(0, start - most)..start];
}
