using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;

namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>Reads what a text says in other forms, where there are signs of them: base64, hex, escapes, rot13, from right to left, in pieces.</summary>
internal static class Encodings
{
    // Fewer escapes are an ordinary address or a symbol.
    private const int FewestEscapes = 5;

    private static readonly SearchValues<char> Signs = SearchValues.Create("%&\\+");
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>The forms that a text has signs of, each with the rule's name.</summary>
    public static IReadOnlyList<(string Rule, string Decoded)> Decode(ReadOnlySpan<char> text, List<Range>? encoded, bool isReversed, bool isRotated)
    {
        var hasSigns = text.ContainsAny(Signs);
        if (!isReversed && !isRotated && encoded is null && !hasSigns)
        {
            return [];
        }

        var forms = new List<(string, string)>();
        if (isReversed)
        {
            var reversed = text.ToArray();
            Array.Reverse(reversed);
            forms.Add(("encoded.reversed", new string(reversed)));
        }

        if (isRotated)
        {
            forms.Add(("encoded.rot13", string.Create(text.Length, text, static (rotated, text) =>
            {
                for (var index = 0; index < rotated.Length; index++)
                {
                    rotated[index] = Rotate(text[index]);
                }
            })));
        }

        if (encoded is not null)
        {
            AddWords(forms, text, encoded);
        }

        if (!hasSigns)
        {
            return forms;
        }

        if (Escapes(text) >= FewestEscapes)
        {
            forms.Add(("encoded.escapes", Unescape(text.ToString())));
        }

        if (Joined(text) is { } joined)
        {
            forms.Add(("encoded.pieces", joined));
        }

        return forms;
    }

    private static char Rotate(char c) => char.IsAsciiLetterLower(c) ? (char)('a' + ((c - 'a' + 13) % 26)) : char.IsAsciiLetterUpper(c) ? (char)('A' + ((c - 'A' + 13) % 26)) : c;

    // Long words in base64 or hex that decode to text; all of them in one, as an attack may be in several.
    private static void AddWords(List<(string, string)> forms, ReadOnlySpan<char> text, List<Range> encoded)
    {
        var (base64, hex) = (new StringBuilder(), new StringBuilder());
        var done = 0;
        foreach (var range in encoded)
        {
            var (start, end) = (range.Start.Value, range.End.Value);
            if (start < done)
            {
                continue;
            }

            while (start > done && IsBase64(text[start - 1]))
            {
                start--;
            }

            while (end < text.Length && IsBase64(text[end]))
            {
                end++;
            }

            done = end;
            var word = text[start..end];
            if (word.Length % 2 == 0 && !word.ContainsAnyExcept(HexDigits))
            {
                AppendText(hex, Convert.FromHexString(word));
            }
            else if (FromBase64(word) is { } bytes)
            {
                AppendText(base64, bytes);
            }
        }

        if (base64.Length > 0)
        {
            forms.Add(("encoded.base64", base64.ToString()));
        }

        if (hex.Length > 0)
        {
            forms.Add(("encoded.hex", hex.ToString()));
        }
    }

    private static byte[]? FromBase64(ReadOnlySpan<char> word)
    {
        var padded = word.TrimEnd('=').ToString().Replace('-', '+').Replace('_', '/');
        padded = padded[..(padded.Length - (padded.Length % 4 == 1 ? 1 : 0))];
        var bytes = new byte[(padded.Length + 3) / 4 * 3];
        return Convert.TryFromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '='), bytes, out var count) ? bytes[..count] : null;
    }

    private static void AppendText(StringBuilder to, byte[] bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        if (!text.AsSpan().ContainsAny('\ufffd', '\0'))
        {
            to.Append(text).Append(' ');
        }
    }

    private static bool IsBase64(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '=' or '-' or '_';

    private static int Escapes(ReadOnlySpan<char> text) => text.Count('%') + text.Count("&#") + text.Count("\\u") + text.Count("\\x");

    private static string Unescape(string text)
    {
        text = WebUtility.HtmlDecode(WebUtility.UrlDecode(text));
        var plain = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            var digits = at + 1 < text.Length && text[at] == '\\' ? text[at + 1] switch { 'u' => 4, 'x' => 2, _ => 0 } : 0;
            if (digits > 0 && at + 2 + digits <= text.Length && ushort.TryParse(text.AsSpan(at + 2, digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
            {
                plain.Append((char)code);
                at += 1 + digits;
            }
            else
            {
                plain.Append(text[at]);
            }
        }

        return plain.ToString();
    }

    // Strings that are to be put together: "ignore pre" + "vious".
    private static string? Joined(ReadOnlySpan<char> text)
    {
        if (!text.Contains('+') || text.Count('"') + text.Count('\'') < 4)
        {
            return null;
        }

        var joined = new StringBuilder();
        var open = -1;
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] is '"' or '\'')
            {
                if (open >= 0 && text[open] == text[at])
                {
                    joined.Append(text[(open + 1)..at]);
                    open = -1;
                }
                else if (open < 0 && (at == 0 || !char.IsLetter(text[at - 1])))
                {
                    open = at;
                }
            }
        }

        return joined.Length > 0 ? joined.ToString() : null;
    }
}
