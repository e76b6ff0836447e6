using System.Numerics;
using System.Runtime.InteropServices;

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

    private readonly List<Meant>?[] _byEnds = new List<Meant>?[26 * 26];

    /// <summary>Adds a word, if it is long enough and Latin.</summary>
    public void Add(string text, ushort word)
    {
        if (text.Length < ShortestSwapped || Ends(text) is not (>= 0 and var ends))
        {
            return;
        }

        (_byEnds[ends] ??= []).Add(new Meant(text, Letters(text), Set(text), word));
    }

    /// <summary>The word that is meant; <see cref="Token.Unknown"/> where none is.</summary>
    public ushort Find(ReadOnlySpan<char> text)
    {
        if (text.Length < ShortestSwapped || Ends(text) is not (>= 0 and var ends) || _byEnds[ends] is not { } candidates)
        {
            return Token.Unknown;
        }

        var set = Set(text);
        ulong letters = 0;
        foreach (ref readonly var candidate in CollectionsMarshal.AsSpan(candidates))
        {
            if (Math.Abs(text.Length - candidate.Text.Length) > 1 || BitOperations.PopCount(set ^ candidate.Set) > 2)
            {
                continue;
            }

            letters = letters == 0 ? Letters(text) : letters;
            if ((text.Length == candidate.Text.Length && letters == candidate.Letters) || (candidate.Text.Length >= ShortestEdited && IsOneEdit(text, candidate.Text)))
            {
                return candidate.Word;
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

    // Which letters there are, a bit for each: one edit changes two of them at most.
    private static uint Set(ReadOnlySpan<char> text)
    {
        var set = 0u;
        foreach (var c in text)
        {
            set |= 1u << (c & 31);
        }

        return set;
    }

    private readonly record struct Meant(string Text, ulong Letters, uint Set, ushort Word);
}
