namespace LlmOps.Gateway.Providers.Offline.Language;

/// <summary>Finds and removes quotation marks.</summary>
internal static class Quotes
{
    private static readonly (string Open, string Close)[] Pairs = [("\"\"\"", "\"\"\""), ("'''", "'''"), ("```", "```"), ("“", "”"), ("„", "“"), ("«", "»"), ("‘", "’"), ("\"", "\""), ("'", "'"), ("`", "`")];

    /// <summary>The text without the marks around all of it; a full stop after them goes too.</summary>
    public static string Strip(string text)
    {
        string inner = text.TrimEnd();
        inner = inner.EndsWith('.') && inner.Length > 1 && Pairs.Any(pair => inner.EndsWith(pair.Close + ".", StringComparison.Ordinal)) ? inner[..^1] : inner;
        foreach (var (open, close) in Pairs)
        {
            if (inner.Length > open.Length + close.Length && inner.StartsWith(open, StringComparison.Ordinal) && inner.EndsWith(close, StringComparison.Ordinal)
                && inner.IndexOf(close, open.Length, StringComparison.Ordinal) == inner.Length - close.Length)
            {
                return inner[open.Length..^close.Length].Trim();
            }
        }

        return text;
    }

    /// <summary>The first quotation, without its marks; null if there is none. Apostrophes are not marks.</summary>
    public static string? First(string text) => FindFirst(text) is var (start, length) ? text.Substring(start, length) : null;

    /// <summary>Every quotation, in order.</summary>
    public static IEnumerable<string> All(string text)
    {
        // Instructions are short; a longer text is not searched for its quotations.
        text = text[..Math.Min(text.Length, 4_000)];
        for (int from = 0; from < text.Length && FindFirst(text[from..]) is var (start, length); from += start + length + 1)
        {
            yield return text.Substring(from + start, length);
        }
    }

    /// <summary>Where the first quotation is, without its marks.</summary>
    public static (int Start, int Length)? FindFirst(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char close = text[i] switch { '"' => '"', '“' => '”', '„' => '“', '«' => '»', '\'' or '‘' => text[i] == '‘' ? '’' : '\'', '`' => '`', _ => '\0' };
            bool apostrophe = text[i] is '\'' or '‘' && i > 0 && char.IsLetterOrDigit(text[i - 1]);
            if (close == '\0' || apostrophe)
            {
                continue;
            }

            int end = close is '\'' or '’' ? EndOfSingle(text, i + 1, close) : text.IndexOf(close, i + 1);
            if (end > i + 1)
            {
                return (i + 1, end - i - 1);
            }

            // Without this, every unmatched mark would scan the rest again.
            if (end < 0)
            {
                text = text[..i] + new string(text[i..].Select(c => c == text[i] ? ' ' : c).ToArray());
            }
        }

        return null;
    }

    private static int EndOfSingle(string text, int from, char close)
    {
        for (int end = text.IndexOf(close, from); end >= 0; end = text.IndexOf(close, end + 1))
        {
            if (end + 1 == text.Length || !char.IsLetterOrDigit(text[end + 1]))
            {
                return end;
            }
        }

        return -1;
    }
}
