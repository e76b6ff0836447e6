namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>
/// Finds long Latin words that are misspelt inside; readers and models guide themselves by the first and the last letter, so those
/// must be right.
/// </summary>
internal sealed class TypoIndex
{
    // Swapped letters are believed from here on; a wrong, missing or additional one only in longer words, as many short ones differ by one.
    private const int ShortestSwapped = 6;
    private const int ShortestEdited = 8;

    private readonly List<(string Text, ulong Letters, ushort Word)>?[] _byEnds = new List<(string, ulong, ushort)>?[26 * 26];

    /// <summary>Adds a word, if it is long enough and Latin.</summary>
    public void Add(string text, ushort word)
    {
        if (text.Length >= ShortestSwapped && Ends(text) is >= 0 and var ends)
        {
            (_byEnds[ends] ??= []).Add((text, Letters(text), word));
        }
    }

    /// <summary>The word that is meant; <see cref="Token.Unknown"/> where none is.</summary>
    public ushort Find(ReadOnlySpan<char> text)
    {
        if (text.Length < ShortestSwapped || Ends(text) is not (>= 0 and var ends) || _byEnds[ends] is not { } candidates)
        {
            return Token.Unknown;
        }

        ulong letters = 0;
        foreach (var (candidate, candidateLetters, word) in candidates)
        {
            var longer = Math.Max(text.Length, candidate.Length);
            if (longer - Math.Min(text.Length, candidate.Length) > 1)
            {
                continue;
            }

            letters = letters == 0 ? Letters(text) : letters;
            if ((text.Length == candidate.Length && letters == candidateLetters) || (candidate.Length >= ShortestEdited && IsOneEdit(text, candidate)))
            {
                return word;
            }
        }

        return Token.Unknown;
    }

    private static bool IsOneEdit(ReadOnlySpan<char> one, ReadOnlySpan<char> other)
    {
        var prefix = one.CommonPrefixLength(other);
        var shorter = Math.Min(one.Length, other.Length);
        var suffix = 0;
        while (suffix < shorter - prefix && one[^(suffix + 1)] == other[^(suffix + 1)])
        {
            suffix++;
        }

        return prefix + suffix >= shorter - (one.Length == other.Length ? 1 : 0);
    }

    private static int Ends(ReadOnlySpan<char> text) =>
        text[0] is >= 'a' and <= 'z' and var first && text[^1] is >= 'a' and <= 'z' and var last ? ((first - 'a') * 26) + last - 'a' : -1;

    // The same for every order of the same letters, and for hardly anything else.
    private static ulong Letters(ReadOnlySpan<char> text)
    {
        ulong sum = 0;
        foreach (var c in text)
        {
            sum += (c + 1UL) * 0x9E3779B97F4A7C15UL * (c ^ 0x2545F491UL);
        }

        return sum;
    }
}
