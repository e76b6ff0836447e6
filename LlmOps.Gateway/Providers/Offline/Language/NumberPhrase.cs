namespace LlmOps.Gateway.Providers.Offline.Language;

/// <summary>English numbers of several words: "twenty-one", "two hundred and five", "one thousand".</summary>
internal static class NumberPhrase
{
    private static readonly string[] Tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
    private static readonly Dictionary<string, long> Scales = new(StringComparer.Ordinal) { ["thousand"] = 1_000, ["million"] = 1_000_000, ["billion"] = 1_000_000_000 };

    /// <summary>Reads the longest number that starts at a word's start; null if none does.</summary>
    public static (long Value, int End)? Read(string text, int start)
    {
        long total = 0;
        long group = 0;
        long scale = long.MaxValue;

        // What may still be added to the group: less than this.
        long room = 1_000;
        int end = -1;
        for (int at = start; at < text.Length;)
        {
            int next = WordEnd(text, at);
            string word = text[at..next].ToLowerInvariant();
            if (Small(word) is { } small && small < room && (small > 0 || end < 0))
            {
                group += small;
                room = small >= 20 ? 10 : 1;
            }
            else if (word == "hundred" && group is >= 0 and < 100 && (group > 0 || end < 0))
            {
                group = Math.Max(1, group) * 100;
                room = 100;
            }
            else if (Scales.TryGetValue(word, out long unit) && unit < scale && (group > 0 || end < 0))
            {
                total += Math.Max(1, group) * unit;
                (group, scale, room) = (0, unit, 1_000);
            }
            else if (word != "and" || end < 0 || room < 100)
            {
                break;
            }

            // "and" belongs to the number only if another part follows.
            end = word == "and" ? end : next;
            at = next + 1 < text.Length && text[next] is ' ' or '-' && char.IsLetter(text[next + 1]) ? next + 1 : text.Length;
        }

        return end < 0 ? null : (total + group, end);
    }

    private static int? Small(string word) =>
        Array.IndexOf(Tens, word) is var tens and >= 0 ? (tens + 2) * 10
        : NumberWords.TryParseEnglishWord(word, out int value) ? value : null;

    private static int WordEnd(string text, int at)
    {
        while (at < text.Length && Words.IsPart(text[at]))
        {
            at++;
        }

        return at;
    }
}
