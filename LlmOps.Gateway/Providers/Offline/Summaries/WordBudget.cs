using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Providers.Offline.Summaries;

/// <summary>Counts words and cuts texts to a length.</summary>
internal static class WordBudget
{
    private const string Ellipsis = "…";

    /// <summary>
    /// Words of a text as the strictest reader counts them: "well-known" is two, as are two words with a dash between, and
    /// a mark that stands alone is one.
    /// </summary>
    public static int Count(string text)
    {
        int words = 0;
        for (int i = 0; i < text.Length;)
        {
            int end = TokenEnd(text, i);
            words += Weight(text.AsSpan(i, end - i));
            i = end;
        }

        return words;
    }

    /// <summary>The text if it keeps both limits; otherwise its start, ended at a word by an ellipsis, that does. Limits below 1 count as 1.</summary>
    public static string Cut(string text, int? maxWords, int? maxCharacters)
    {
        int words = Math.Max(1, maxWords ?? int.MaxValue);
        int characters = Math.Max(1, maxCharacters ?? int.MaxValue);
        if (text.Length <= characters && Count(text) <= words)
        {
            return text;
        }

        int kept = 0;
        for (int i = 0, used = 0; i < text.Length;)
        {
            int end = TokenEnd(text, i);
            used += Weight(text.AsSpan(i, end - i));
            if (used > words || end + Ellipsis.Length > characters)
            {
                break;
            }

            kept = i = end;
        }

        string start = kept > 0 ? text[..kept] : HardCut(text, words, characters - Ellipsis.Length);
        return start.TrimEnd(' ', ',', ';', ':', '-', '–', '—', '.', '\n') + Ellipsis;
    }

    // Not even one word fits: take what fits of it.
    private static string HardCut(string text, int words, int characters)
    {
        int end = 0;
        while (end < text.Length && end < characters && Weight(text.AsSpan(0, end + 1)) <= words)
        {
            end++;
        }

        return end > 0 && char.IsHighSurrogate(text[end - 1]) ? text[..(end - 1)] : text[..end];
    }

    // A token is a run without whitespace, with the whitespace before it; an ideograph is one by itself.
    private static int TokenEnd(string text, int start)
    {
        int i = start;
        while (i < text.Length && char.IsWhiteSpace(text[i]))
        {
            i++;
        }

        if (i < text.Length && Words.IsIdeograph(text[i]))
        {
            return i + 1;
        }

        while (i < text.Length && !char.IsWhiteSpace(text[i]) && !Words.IsIdeograph(text[i]))
        {
            i++;
        }

        return i;
    }

    private static int Weight(ReadOnlySpan<char> token)
    {
        int runs = 0;
        bool any = false;
        for (int i = 0; i < token.Length; i++)
        {
            any |= !char.IsWhiteSpace(token[i]);
            if (Words.IsPart(token[i]) && (i == 0 || !Words.IsPart(token[i - 1])))
            {
                runs++;
            }
        }

        return any ? Math.Max(1, runs) : 0;
    }
}
