using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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

    private const int SharedBits = 18;

    private readonly List<Candidate>?[] _byEnds = new List<Candidate>?[26 * 26];

    // Bits of what a word must share with one that it is meant to be (MayFind), many enough for few of them to be of another.
    private readonly ulong[] _shared = new ulong[1 << (SharedBits - 6)];

    /// <summary>Adds a word, if it is long enough and Latin.</summary>
    public void Add(string text, ushort word)
    {
        if (text.Length < ShortestSwapped || Ends(text) is not (>= 0 and var ends))
        {
            return;
        }

        (_byEnds[ends] ??= []).Add(new Candidate(text, Letters(text), Set(text), word));
        Share(Swapped(text, text.Sum(c => (c & 31) * (c & 31))));
        for (var length = text.Length - 1; text.Length >= ShortestEdited && length <= text.Length + 1; length++)
        {
            Share(Beginning(text, length));
            Share(Ending(text, length));
        }
    }

    /// <summary>Whether a word of ASCII letters may be a misspelt one. Right where it says no, and mostly where it says yes.</summary>
    /// <param name="word">The word, in any case.</param>
    /// <param name="letters">Its letters, and zeros behind them.</param>
    public bool MayFind(ReadOnlySpan<char> word, Vector128<byte> letters)
    {
        if (word.Length < ShortestSwapped)
        {
            return false;
        }

        var (low, high) = Vector128.Widen(letters & Vector128.Create((byte)31));
        var squares = Vector128.Sum((low * low) + (high * high));
        return IsShared(Swapped(word, squares)) | IsShared(Beginning(word, word.Length)) | IsShared(Ending(word, word.Length));
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

    // What a misspelt word has of the one that is meant: all letters, in some order; or, as one edit leaves seven of them, the first or
    // the last four.
    private static uint Swapped(ReadOnlySpan<char> word, int squares) => ((uint)squares << 15) | ((uint)word.Length << 10) | Letter(word[0], 1) | Letter(word[^1], 0);

    private static uint Beginning(ReadOnlySpan<char> word, int length) => (1u << 30) | ((uint)length << 25) | Letter(word[^1], 4) | Four(word);

    private static uint Ending(ReadOnlySpan<char> word, int length) => (1u << 31) | ((uint)length << 25) | Letter(word[0], 4) | Four(word[^4..]);

    private static uint Four(ReadOnlySpan<char> word) => Letter(word[3], 3) | Letter(word[2], 2) | Letter(word[1], 1) | Letter(word[0], 0);

    private static uint Letter(char letter, int place) => (letter & 31u) << (5 * place);

    private bool IsShared(uint key) => (_shared[Place(key) >> 6] >> (int)Place(key) & 1) != 0;

    private void Share(uint key) => _shared[Place(key) >> 6] |= 1UL << (int)Place(key);

    private static uint Place(uint key) => (key * 0x9E3779B1u) >> (32 - SharedBits);

    private readonly record struct Candidate(string Text, ulong Letters, uint Set, ushort Word);
}
