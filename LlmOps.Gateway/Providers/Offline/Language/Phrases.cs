namespace LlmOps.Gateway.Providers.Offline.Language;

/// <summary>A capitalised phrase of a sentence, such as a place or a person.</summary>
/// <param name="Text">The phrase.</param>
/// <param name="Preposition">The word before it in lower case, or, in an enumeration, before the first of it; empty at the start.</param>
/// <param name="Continues">Whether it continues an enumeration: "London" in "Paris and London".</param>
internal sealed record Phrase(string Text, string Preposition, bool Continues);

/// <summary>Finds capitalised phrases.</summary>
internal static class Phrases
{
    /// <summary>How much of a text is read, in UTF-16 units.</summary>
    private const int MaxScanned = 20_000;

    private static readonly HashSet<string> Connectors = ["of", "de", "da", "do", "del", "di", "la", "le", "el", "the", "upon", "am", "van", "von"];

    /// <summary>All phrases in order. A capital that only starts a sentence makes none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isRequest">Whether its first word is rather a verb, as in "Compare Paris", than part of a name.</param>
    public static IReadOnlyList<Phrase> Capitalised(string text, bool isRequest)
    {
        string[] tokens = text[..Math.Min(text.Length, MaxScanned)].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var phrases = new List<Phrase>();
        int previousEnd = -1;
        for (int i = 0; i < tokens.Length; i++)
        {
            bool starts = i == 0 || tokens[i - 1][^1] is '.' or '!' or '?' or ':';
            bool capital = IsCapital(tokens[i]) && !StopWords.Contains(Bare(tokens[i]).ToLowerInvariant()) && !Bare(tokens[i]).StartsWith("I'", StringComparison.Ordinal);
            if (!capital || (starts && !(i + 1 < tokens.Length && IsCapital(tokens[i + 1]) && !EndsPhrase(tokens[i]))))
            {
                continue;
            }

            int first = isRequest && i == 0 ? i + 1 : i;
            int end = End(tokens, first);
            bool continues = phrases.Count > 0 && (previousEnd == first || (previousEnd == first - 1 && Bare(tokens[first - 1]) is "and" or "or" or "&"));
            string before = first > 0 ? Bare(tokens[first - 1]).ToLowerInvariant() : "";
            phrases.Add(new Phrase(Text(tokens, first, end), continues ? phrases[^1].Preposition : before, continues));
            previousEnd = end;
            i = end - 1;
        }

        return phrases;
    }

    private static int End(string[] tokens, int start)
    {
        int end = start + 1;
        while (end < tokens.Length && !EndsPhrase(tokens[end - 1]))
        {
            if (IsCapital(tokens[end]))
            {
                end++;
            }
            else if (end + 1 < tokens.Length && Connectors.Contains(tokens[end]) && IsCapital(tokens[end + 1]))
            {
                end += 2;
            }
            else
            {
                break;
            }
        }

        // "San Francisco, CA" is one place.
        bool state = end < tokens.Length && tokens[end - 1][^1] == ',' && Bare(tokens[end]) is { Length: 2 } code && code.All(char.IsUpper);
        return state ? end + 1 : end;
    }

    private static string Text(string[] tokens, int start, int end)
    {
        string text = string.Join(' ', tokens[start..end]);
        text = text.EndsWith("'s", StringComparison.Ordinal) || text.EndsWith("’s", StringComparison.Ordinal) ? text[..^2] : text;
        return text.Trim('"', '\'', '“', '”', '‘', '’', '(', ')', '[', ']', ',', ';', ':', '!', '?', '.', '«', '»');
    }

    private static string Bare(string token) => token.Trim('"', '\'', '“', '”', '(', ')', ',', ';', ':', '!', '?', '.');

    private static bool IsCapital(string token) => Bare(token) is { Length: > 0 } bare && char.IsUpper(bare[0]) && bare != "I";

    private static bool EndsPhrase(string token) => token[^1] is ',' or ';' or ':' or '!' or '?' or ')' or '"' or '”' || (token[^1] == '.' && token.Length > 3) || token.EndsWith("'s", StringComparison.Ordinal);
}
