namespace LlmOps.Gateway.Providers.Offline.Language;

/// <summary>Splits a text into sentences, trimmed and with single spaces within.</summary>
internal static class Sentences
{
    private const string Terminators = ".!?…。！？｡؟।";
    private const string Closers = "\"'”’»)]}」』）”";

    /// <summary>A line at least this long, in UTF-16 units, is taken as wrapped rather than as ended.</summary>
    private const int WrappedLine = 50;

    // A capital after these says nothing about a new sentence.
    private static readonly HashSet<string> Titles = new(
        "dr mr mrs ms prof st sr sra fr mme hr hon rev gen col sgt lt capt sen rep gov pres no nos fig figs vol art sec ch pp ed eds vs cf al e.g i.e eg ie approx ca z.b d.h u.a bzw usw nr jan feb mar apr jun jul aug sep sept oct nov dec".Split(' '),
        StringComparer.OrdinalIgnoreCase);

    // These may end a sentence; a capital after them says that they do.
    private static readonly HashSet<string> Endings = new("etc inc ltd co corp jr a.m p.m est dept ave blvd min max".Split(' '), StringComparer.OrdinalIgnoreCase);

    /// <summary>All sentences in order; none is empty.</summary>
    public static IEnumerable<string> Of(string text)
    {
        int start = 0;
        int lineStart = 0;
        for (int i = 0; i < text.Length; i++)
        {
            int end = text[i] == '\n' ? EndOfLine(text, lineStart, i) : EndOfSentence(text, lineStart, i);
            if (text[i] == '\n')
            {
                lineStart = i + 1;
            }

            if (end > 0)
            {
                if (Clean(text.AsSpan(start, end - start)) is { Length: > 0 } sentence)
                {
                    yield return sentence;
                }

                start = end;
                i = end - 1;
            }
        }

        if (Clean(text.AsSpan(start)) is { Length: > 0 } rest)
        {
            yield return rest;
        }
    }

    // The index after the line break if a sentence ends there, else 0.
    private static int EndOfLine(string text, int lineStart, int at)
    {
        int next = at + 1;
        while (next < text.Length && text[next] is ' ' or '\t')
        {
            next++;
        }

        bool ends = next >= text.Length
            || text[next] is '\n' or '#' or '•' or '|' or '>'
            || (text[next] is '-' or '*' or '+' && next + 1 < text.Length && text[next + 1] == ' ')
            || (lineStart < at && text[lineStart] == '#')
            || (at - lineStart < WrappedLine && !char.IsLower(text[next]));
        return ends ? at + 1 : 0;
    }

    // The index after the terminator and what closes it if a sentence ends there, else 0.
    private static int EndOfSentence(string text, int lineStart, int at)
    {
        if (!Terminators.Contains(text[at]))
        {
            return 0;
        }

        int end = at + 1;
        while (end < text.Length && Terminators.Contains(text[end]))
        {
            end++;
        }

        bool full = text[at] is '。' or '！' or '？' or '｡';
        while (end < text.Length && Closers.Contains(text[end]))
        {
            end++;
        }

        if (full || end >= text.Length)
        {
            return end;
        }

        if (!char.IsWhiteSpace(text[end]))
        {
            return 0;
        }

        int next = end;
        while (next < text.Length && char.IsWhiteSpace(text[next]))
        {
            next++;
        }

        // "Really?" he said: the sentence goes on.
        return next < text.Length && char.IsLower(text[next]) && text.IndexOf('\n', end, next - end) < 0 ? 0
            : text[at] == '.' && end == at + 1 && IsAbbreviation(text, lineStart, at, next) ? 0
            : end;
    }

    private static bool IsAbbreviation(string text, int lineStart, int dot, int next)
    {
        int start = dot;
        while (start > 0 && dot - start < 16 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '.'))
        {
            start--;
        }

        string word = text[start..dot];
        bool newSentence = StartsCommonly(text, next);
        bool listNumber = word.Length is 1 or 2 && word.All(char.IsAsciiDigit) && string.IsNullOrWhiteSpace(text[lineStart..start]);
        bool initial = word.Length == 1 && char.IsUpper(word[0]) && word != "I";
        bool acronym = word.Length >= 3 && word.Contains('.', StringComparison.Ordinal) && word.Split('.').All(part => part.Length == 1 && char.IsLetter(part[0]));
        return listNumber || Titles.Contains(word) || initial || (acronym && !newSentence && !Endings.Contains(word)) || (Endings.Contains(word) && next < text.Length && !char.IsUpper(text[next]));
    }

    // A capitalised stop word, such as "The", is capitalised only at the start of a sentence.
    private static bool StartsCommonly(string text, int next)
    {
        int end = next;
        while (end < text.Length && end - next < 12 && char.IsLetter(text[end]))
        {
            end++;
        }

        return end > next && char.IsUpper(text[next]) && StopWords.Contains(text[next..end].ToLowerInvariant());
    }

    private static string Clean(ReadOnlySpan<char> raw)
    {
        var sentence = raw.Trim().TrimStart("#>•|").TrimStart();
        if (sentence.Length > 1 && sentence[0] is '-' or '*' or '+' && sentence[1] == ' ')
        {
            sentence = sentence[2..];
        }

        return string.Join(' ', sentence.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }
}
