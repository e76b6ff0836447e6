using System.Buffers;

namespace LlmOps.Gateway.Guardrails.Findings;

/// <summary>Private keys in PEM: the header with what follows it, to the end line where there is one. A header alone is a mention.</summary>
internal static class PrivateKeys
{
    public const string Mark = "-----BEGIN ";

    /// <summary>The longest that is found, in UTF-16 units: an RSA key of 16384 bits with its headers.</summary>
    public const int Longest = 16_384;

    private const int LongestLabel = 40;
    private const int LongestLine = 128;
    private const int ShortestLine = 16;

    private static readonly SearchValues<char> Label = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ");
    private static readonly SearchValues<char> Base64 = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
    private static readonly SearchValues<char> Printable = SearchValues.Create([.. Enumerable.Range(' ', 95).Select(code => (char)code).Except(['\\'])]);

    // Of keys that a passphrase protects (RFC 1421), and of PGP's.
    private static readonly string[] Headers = ["Proc-Type:", "DEK-Info:", "Version:", "Comment:"];

    /// <summary>The key that begins at a place.</summary>
    public static int Match(ref Peek text, int start)
    {
        var index = text.RunEnd(start + Mark.Length, Label, LongestLabel);
        var isKey = text.Text[start..index].Contains("PRIVATE KEY", StringComparison.Ordinal);
        if (!text.Has(index, "-----") || !isKey)
        {
            return -1;
        }

        index = SkipHeaders(ref text, SkipBreaks(ref text, index + 5));
        var end = -1;
        while (index - start < Longest - (2 * LongestLine))
        {
            var line = text.RunEnd(index, Base64, LongestLine);
            if (line - index < ShortestLine)
            {
                // The last line of the key may be short, but only before the end line: else it is the text's next word.
                var last = SkipBreaks(ref text, line);
                return end < 0 ? -1 : EndLine(ref text, last) is var whole and > 0 ? whole : end;
            }

            end = line;
            index = SkipBreaks(ref text, line);
        }

        return end;
    }

    private static int EndLine(ref Peek text, int index)
    {
        if (!text.Has(index, "-----END "))
        {
            return -1;
        }

        index = text.RunEnd(index + 9, Label, LongestLabel);
        return text.Has(index, "-----") ? index + 5 : index;
    }

    // Also as JSON and environment files write them: \n, \r.
    private static int SkipBreaks(ref Peek text, int index)
    {
        for (var skipped = 0; skipped < 8; skipped++)
        {
            if (text[index] is ' ' or '\t' or '\r' or '\n' or '"' or ',')
            {
                index++;
            }
            else if (text[index] == '\\' && text[index + 1] is 'n' or 'r')
            {
                index += 2;
            }
            else
            {
                break;
            }
        }

        return index;
    }

    private static int SkipHeaders(ref Peek text, int index)
    {
        for (var line = 0; line < Headers.Length; line++)
        {
            var begin = index;
            foreach (var header in Headers)
            {
                if (text.Has(begin, header))
                {
                    index = SkipBreaks(ref text, text.RunEnd(begin, Printable, LongestLine));
                }
            }

            if (index == begin)
            {
                break;
            }
        }

        return index;
    }
}
