using System.Globalization;

namespace LlmOps.Gateway.Providers.Offline.Language;

/// <summary>Words of a text, and when two of them count as the same.</summary>
internal static class Words
{
    /// <summary>Whether a character can be part of a word.</summary>
    public static bool IsPart(char c) =>
        char.IsLetterOrDigit(c) || c == '_' || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    /// <summary>Whether a character is of a script written without spaces (Chinese and Japanese), where it counts as a word of its own.</summary>
    public static bool IsIdeograph(char c) => c is (>= '\u3040' and <= '\u30ff') or (>= '\u3400' and <= '\u9fff') or (>= '\uf900' and <= '\ufaff');

    /// <summary>All words in lower case; an apostrophe within a word belongs to it.</summary>
    public static IEnumerable<string> Of(string text)
    {
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool ideograph = i < text.Length && IsIdeograph(text[i]);
            bool inside = i < text.Length && !ideograph && (IsPart(text[i]) || IsInnerApostrophe(text, i, start));
            if (!inside && start >= 0)
            {
                yield return text[start..i].Replace('’', '\'').ToLowerInvariant();
                start = -1;
            }
            else if (inside && start < 0)
            {
                start = i;
            }

            if (ideograph)
            {
                yield return text[i].ToString();
            }
        }
    }

    /// <summary>Stems of the words that carry meaning: no stop words.</summary>
    public static IEnumerable<string> Content(string text) => Of(text).Where(word => !StopWords.Contains(word)).Select(Stem);

    /// <summary>The word without the endings that most often differ between two mentions of one thing.</summary>
    public static string Stem(string word)
    {
        string stem = word.EndsWith("'s", StringComparison.Ordinal) ? word[..^2] : word;
        stem = stem switch
        {
            { Length: > 4 } when Ends(stem, "ies") => stem[..^3] + "y",
            { Length: > 4 } when Ends(stem, "sses") || Ends(stem, "xes") || Ends(stem, "ches") || Ends(stem, "shes") => stem[..^2],
            { Length: > 3 } when Ends(stem, "s") && !Ends(stem, "ss") && !Ends(stem, "us") && !Ends(stem, "is") => stem[..^1],
            _ => stem,
        };
        stem = stem switch
        {
            { Length: > 6 } when Ends(stem, "ion") => stem[..^3],
            { Length: > 6 } when Ends(stem, "or") => stem[..^2],
            { Length: > 5 } when Ends(stem, "ing") => stem[..^3],
            { Length: > 4 } when Ends(stem, "ed") => stem[..^2],
            { Length: > 5 } when Ends(stem, "ly") => stem[..^2],
            _ => stem,
        };
        if (stem.Length > 3 && stem[^1] == stem[^2] && !Ends(stem, "ss") && !Ends(stem, "ll"))
        {
            return stem[..^1];
        }

        return stem.Length > 4 && Ends(stem, "e") ? stem[..^1] : stem;
    }

    /// <summary>Whether <paramref name="text"/> contains <paramref name="phrase"/> as whole words, in any case.</summary>
    public static bool Mentions(string text, string phrase) => IndexOf(text, phrase) >= 0;

    /// <summary>Where <paramref name="text"/> first contains <paramref name="phrase"/> as whole words, in any case; -1 if nowhere.</summary>
    public static int IndexOf(string text, string phrase)
    {
        if (phrase.Length == 0)
        {
            return -1;
        }

        for (int at = text.IndexOf(phrase, StringComparison.OrdinalIgnoreCase); at >= 0; at = Next(at))
        {
            int end = at + phrase.Length;
            bool starts = at == 0 || !IsPart(text[at - 1]) || !IsPart(phrase[0]) || IsIdeograph(phrase[0]);
            bool ends = end == text.Length || !IsPart(text[end]) || !IsPart(phrase[^1]) || IsIdeograph(phrase[^1]);
            if (starts && ends)
            {
                return at;
            }
        }

        return -1;

        int Next(int at) => at + 1 < text.Length ? text.IndexOf(phrase, at + 1, StringComparison.OrdinalIgnoreCase) : -1;
    }

    private static bool Ends(string word, string suffix) => word.EndsWith(suffix, StringComparison.Ordinal);

    private static bool IsInnerApostrophe(string text, int i, int start) =>
        start >= 0 && (text[i] is '\'' or '’') && i + 1 < text.Length && char.IsLetter(text[i + 1]);
}
