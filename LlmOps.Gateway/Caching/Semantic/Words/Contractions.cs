using System.Globalization;

namespace LlmOps.Gateway.Caching.Semantic.Words;

/// <summary>Words and numbers that can be written in more than one way.</summary>
internal static class Contractions
{
    private static readonly HashSet<string> Asking =
        ["what", "who", "how", "where", "when", "why", "it", "that", "there", "here", "he", "she", "this", "everything"];

    private static readonly Dictionary<string, string[]> Full = new()
    {
        ["can't"] = ["can", "not"], ["cannot"] = ["can", "not"], ["cant"] = ["can", "not"], ["won't"] = ["will", "not"], ["wont"] = ["will", "not"],
        ["shan't"] = ["shall", "not"], ["dont"] = ["do", "not"], ["doesnt"] = ["does", "not"], ["didnt"] = ["did", "not"], ["isnt"] = ["is", "not"],
        ["arent"] = ["are", "not"], ["wasnt"] = ["was", "not"], ["couldnt"] = ["could", "not"], ["shouldnt"] = ["should", "not"], ["wouldnt"] = ["would", "not"],
        ["whats"] = ["what", "is"], ["hows"] = ["how", "is"], ["wheres"] = ["where", "is"], ["thats"] = ["that", "is"], ["im"] = ["i", "am"], ["ive"] = ["i", "have"],
        ["let's"] = ["let", "us"], ["how'd"] = ["how", "did"], ["why'd"] = ["why", "did"], ["where'd"] = ["where", "did"],
    };

    private static readonly Dictionary<string, string> Endings = new() { ["m"] = "am", ["re"] = "are", ["ve"] = "have", ["ll"] = "will", ["d"] = "would" };

    // Not one, which is no number in "which one".
    private static readonly string[] NumberWords = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

    /// <summary>Whether a word is a small number.</summary>
    public static bool IsNumber(string word) => Array.IndexOf(NumberWords, word) >= 0;

    /// <summary>Writes contractions in full, small numbers as digits, and the halves of a day in one form.</summary>
    public static void Expand(List<PromptToken> tokens)
    {
        for (var index = 0; index < tokens.Count; index++)
        {
            var token = tokens[index];
            if (token.Kind == PromptTokenKind.Number && !(index > 0 && tokens[index - 1].Text is "(" or "[" or "{" or ","))
            {
                tokens[index] = token with { Text = WithoutGroups(token.Text) };
            }

            if (token.Kind != PromptTokenKind.Word)
            {
                continue;
            }

            var word = token.Text;
            var mark = word.LastIndexOf('\'');
            if (Array.IndexOf(NumberWords, word) is >= 0 and var number && index > 0 && index + 1 < tokens.Count && tokens[index + 1].Kind == PromptTokenKind.Word
                && tokens[index - 1].Text is not ("is" or "are" or "write" or "as" or "who"))
            {
                tokens[index] = token with { Text = (number + 2).ToString(CultureInfo.InvariantCulture), Kind = PromptTokenKind.Number };
            }
            else if (index > 0 && tokens[index - 1].Kind == PromptTokenKind.Number && IsHour(tokens[index - 1].Text) && word.Replace(".", "", StringComparison.Ordinal).ToUpperInvariant() is ("AM" or "PM") and var half)
            {
                tokens[index] = token with { Text = half };
            }
            else if (Full.TryGetValue(word, out var full))
            {
                Replace(tokens, index, full);
            }
            else if (word.EndsWith("n't", StringComparison.Ordinal))
            {
                Replace(tokens, index, [word[..^3], "not"]);
            }
            else if (mark > 0 && Endings.TryGetValue(word[(mark + 1)..], out var ending) && (ending != "would" || word[..mark] is "i" or "you" or "he" or "she" or "it" or "we" or "they"))
            {
                Replace(tokens, index, [word[..mark], ending]);
            }
            else if (mark > 0 && word[(mark + 1)..] == "s")
            {
                var owner = word[..mark];
                Replace(tokens, index, [owner == "US" ? "usa" : Lexicon.Names.GetValueOrDefault(owner.ToLowerInvariant(), owner), Asking.Contains(owner) ? "is" : "'s"]);
            }
        }
    }

    private static bool IsHour(string number) => int.TryParse(number.Split(':')[0], CultureInfo.InvariantCulture, out var hour) && hour is > 0 and <= 12;

    // 1,000,000 is 1000000; 1,5 stays what it is.
    private static string WithoutGroups(string number)
    {
        var groups = number.Split(',');
        return groups.Length > 1 && groups[0].Length <= 3 && groups[0][0] != '0' && groups.Skip(1).All(group => group.Length == 3 || (group.Length > 3 && group[3] == '.' && group == groups[^1]))
            ? string.Concat(groups)
            : number;
    }

    private static void Replace(List<PromptToken> tokens, int index, ReadOnlySpan<string> words)
    {
        tokens[index] = tokens[index] with { Text = words[0] };
        for (var more = 1; more < words.Length; more++)
        {
            tokens.Insert(index + more, new(words[more], PromptTokenKind.Word));
        }
    }
}
