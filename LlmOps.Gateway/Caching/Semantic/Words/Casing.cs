using System.Runtime.InteropServices;

namespace LlmOps.Gateway.Caching.Semantic.Words;

/// <summary>
/// Brings words into lower case where their capital says nothing: at the beginning of a sentence, in a prompt that is all
/// capitals, and of names that mean nothing else in lower case. All other capitals stay: Polish is not polish.
/// </summary>
internal static class Casing
{
    private static readonly HashSet<string> Written = ["import", "require", "tag", "command", "module", "package", "extension", "identifier", "name"];

    private static readonly HashSet<string> Before =
    [
        "do", "did", "can", "could", "should", "would", "will", "may", "might", "must", "am", "was", "have", "had", "if", "when", "that", "what", "how", "why", "where", "who", "because", "but", "so", "than", "as",
        "which", "until", "while", "since", "after", "before", "shall",
    ];

    /// <summary>Does so, word by word.</summary>
    public static void Fold(List<PromptToken> tokens, bool isEnglish, bool isCode)
    {
        var span = CollectionsMarshal.AsSpan(tokens);
        var saysNothing = SaysNothing(span);

        // Of what is written in code the case matters, and of what is written in two.
        var foldsNames = isEnglish && !tokens.Exists(token => Written.Contains(token.Text))
            && tokens.Where(token => token.Kind == PromptTokenKind.Word).GroupBy(token => token.Text, StringComparer.OrdinalIgnoreCase).All(group => group.Select(token => token.Text).Distinct().Count() == 1);
        for (var index = 0; index < span.Length; index++)
        {
            ref var token = ref span[index];
            if (token.Kind != PromptTokenKind.Word)
            {
                continue;
            }

            var lower = token.Text.ToLowerInvariant();
            if (foldsNames && Lexicon.NamePhrases.TryGetValue(lower, out var phrases) && PhraseAt(tokens, index, phrases) is var (length, name) && length > 0)
            {
                token = token with { Text = name };
                tokens.RemoveRange(index + 1, length - 1);
                span = CollectionsMarshal.AsSpan(tokens);
            }
            else if (foldsNames && Lexicon.Names.TryGetValue(lower, out var known))
            {
                token = token with { Text = known };
            }
            else if (isEnglish && index > 0 && tokens[index - 1].Text is "in" or "using" && Lexicon.Languages.Contains(lower))
            {
                token = token with { Text = lower };
            }
            else if (isEnglish && !saysNothing && token.Text is "US" or "USA" or "U.S" or "U.S.A")
            {
                token = token with { Text = "usa" };
            }
            else if ((saysNothing && !HasMixedCapitals(token.Text)) || (token.IsFirst && MayFoldFirst(tokens, index, lower, isCode)) || IsSpeaker(tokens, index) || token.Text.StartsWith("I'", StringComparison.Ordinal))
            {
                token = token with { Text = lower };
            }
        }
    }

    private static (int Length, string Name) PhraseAt(List<PromptToken> tokens, int at, (string[] Words, string Name)[] phrases)
    {
        foreach (var (words, name) in phrases)
        {
            var length = 0;
            while (length < words.Length && at + length < tokens.Count && tokens[at + length].Text.Equals(words[length], StringComparison.OrdinalIgnoreCase))
            {
                length++;
            }

            if (length == words.Length)
            {
                return (length, name);
            }
        }

        return (0, "");
    }

    // At the beginning a capital says nothing, unless it is a symbol's (V and v, Mg and mg), or one of code.
    private static bool MayFoldFirst(List<PromptToken> tokens, int index, string lower, bool isCode) =>
        !HasInnerCapital(tokens[index].Text)
        && (English.IsCommon(lower)
            || (lower.Length > 2 && (!isCode || (Lexicon.BaseVerbs.Contains(lower) && index + 1 < tokens.Count && English.IsCommon(tokens[index + 1].Text.ToLowerInvariant())))));

    // "I" where somebody speaks, and not the letter.
    private static bool IsSpeaker(List<PromptToken> tokens, int index) =>
        tokens[index].Text == "I" && index + 1 < tokens.Count && tokens[index + 1].Kind == PromptTokenKind.Word
        && (index == 0 || tokens[index - 1].Kind == PromptTokenKind.Break || Before.Contains(tokens[index - 1].Text.ToLowerInvariant()));

    // No capital at all, or nothing but capitals.
    private static bool SaysNothing(ReadOnlySpan<PromptToken> tokens)
    {
        var (lower, capital, upper) = (0, 0, 0);
        foreach (var token in tokens)
        {
            if (token.Kind != PromptTokenKind.Word || token.Text is "I")
            {
                continue;
            }

            if (HasMixedCapitals(token.Text) || (char.IsUpper(token.Text[0]) && token.Text.Any(char.IsLower)))
            {
                capital++;
            }
            else if (char.IsUpper(token.Text[0]))
            {
                upper++;
            }
            else
            {
                lower++;
            }
        }

        return capital == 0 && ((lower == 0 && upper >= 3) || upper == 0);
    }

    // iPhone, kB, McDonald.
    private static bool HasMixedCapitals(string word) => HasInnerCapital(word) && word.Any(char.IsLower);

    private static bool HasInnerCapital(string word) => word.AsSpan(1).IndexOfAnyInRange('A', 'Z') >= 0;
}
