using System.Buffers;
using System.Buffers.Text;

namespace LlmOps.Gateway.Access.Tokens;

/// <summary>Base64url as RFC 7515 (section 2) has it: no padding, no white space, and one form only for the same bytes.</summary>
internal static class Base64UrlText
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    private static readonly SearchValues<char> Characters = SearchValues.Create(Alphabet);

    /// <summary>The bytes; null where the text is not of that form.</summary>
    public static byte[]? Decode(ReadOnlySpan<char> text)
    {
        // The bits of the last character that mean nothing must be zero, else one token would have many texts.
        var unused = (text.Length % 4) switch { 0 => 0, 2 => 0b1111, 3 => 0b11, _ => -1 };
        return unused >= 0 && !text.ContainsAnyExcept(Characters) && (text.IsEmpty || (Alphabet.IndexOf(text[^1]) & unused) == 0)
            ? Base64Url.DecodeFromChars(text)
            : null;
    }
}
