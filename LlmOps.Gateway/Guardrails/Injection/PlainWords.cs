using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>
/// The vocabulary once more, for what nearly all words are: a few ASCII letters with nothing in them or beside them that could belong
/// to a word. Each is read at once, and looked up by its letters as one value; what it finds is what the vocabulary finds.
/// </summary>
internal sealed class PlainWords
{
    /// <summary>How many characters must follow the beginning of a word for it to be read; it must have fewer letters.</summary>
    public const int Width = 16;

    // Words are told from those that begin like a "word*" by so many letters.
    private const int Beginning = 3;

    private static readonly Vector128<byte> Places = Vector128.Create((byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    private static readonly bool[] Ends = [.. Enumerable.Range(0, 128).Select(code => EndsWord((char)code))];

    private readonly Vocabulary _vocabulary;
    private readonly PerfectHash _hash;
    private readonly Vector128<byte>[] _keys;
    private readonly ushort[] _words;
    private readonly bool[] _beginnings = new bool[1 << (5 * Beginning)];

    /// <summary>Takes over the words that are short enough and of ASCII letters.</summary>
    public PlainWords(Vocabulary vocabulary, IEnumerable<(string Text, bool IsPrefix)> words)
    {
        _vocabulary = vocabulary;
        var plain = words.Where(word => word.Text.Length > 0 && word.Text.All(char.IsAsciiLetterLower)).ToList();
        var texts = plain.Select(word => word.Text).Where(text => text.Length < Width).Distinct().ToDictionary(text => Letters(text), text => text);
        _hash = new PerfectHash([.. texts.Keys.Select(Hash)]);
        (_keys, _words) = (new Vector128<byte>[_hash.Size], new ushort[_hash.Size]);
        foreach (var (letters, text) in texts)
        {
            var slot = _hash.Slot(Hash(letters));
            (_keys[slot], _words[slot]) = (letters, vocabulary.Find(text));
        }

        foreach (var (text, _) in plain.Where(word => word.IsPrefix))
        {
            // A shorter one would need all words that begin with it here.
            _beginnings[text.Length >= Beginning ? Begin(Letters(text)) : throw new InvalidDataException($"words.txt has '{text}*', which is too short.")] = true;
        }
    }

    /// <summary>Which characters from a place on are ASCII letters, a bit for each.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">The place, of which <see cref="Width"/> characters are there.</param>
    /// <param name="end">Where it says nothing more: 64 characters on, or where fewer than <see cref="Width"/> are left.</param>
    public static ulong LettersFrom(ReadOnlySpan<char> text, int start, out int end)
    {
        var characters = MemoryMarshal.Cast<char, ushort>(text);
        var letters = 0UL;
        for (end = start; end - start < 64 && text.Length - end >= Width; end += Width)
        {
            // As unsigned numbers, all that is no letter is far from 'a'.
            var folded = (Vector256.Create(characters[end..]) | Vector256.Create((ushort)0x20)) - Vector256.Create((ushort)'a');
            letters |= (ulong)Vector256.LessThanOrEqual(folded, Vector256.Create((ushort)('z' - 'a'))).ExtractMostSignificantBits() << (end - start);
        }

        return letters;
    }

    /// <summary>Whether a word ends before a character, whatever follows.</summary>
    public static bool EndsBefore(char next) => next < Ends.Length && Ends[next];

    /// <summary>The word that begins at a place, of which <see cref="Width"/> characters are there: its letters, small ones, and zeros behind them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Read(ReadOnlySpan<char> text, int start, int length) => Fold(text, start) & Vector128.LessThan(Places, Vector128.Create((byte)length));

    /// <summary>The number of a word that was read; <see cref="Token.Unknown"/> where no rule names it.</summary>
    /// <param name="letters">The word as it was read.</param>
    /// <param name="word">The word as it stands in the text.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort Find(Vector128<byte> letters, ReadOnlySpan<char> word)
    {
        // Without a branch on whether it is known, which no processor could guess: 1 where all 16 letters are the same.
        var slot = _hash.Slot(Hash(letters));
        var isKnown = (Vector128.Equals(_keys[slot], letters).ExtractMostSignificantBits() + 1) >> Width;
        var found = (ushort)(_words[slot] * isKnown);
        var isBegun = _beginnings[Begin(letters)];
        return (isBegun | _vocabulary.Typos.MayFind(word, letters)) & (found == Token.Unknown) ? FindOther(word, isBegun) : found;
    }

    private ushort FindOther(ReadOnlySpan<char> word, bool isBegun)
    {
        Span<char> lower = stackalloc char[Width];
        lower = lower[..word.Length];
        for (var at = 0; at < lower.Length; at++)
        {
            lower[at] = (char)(word[at] | 0x20);
        }

        var found = isBegun ? _vocabulary.Find(lower) : Token.Unknown;
        return found == Token.Unknown ? _vocabulary.Typos.Find(lower) : found;
    }

    private static Vector128<byte> Letters(string text) => Read(text.PadRight(Width), 0, text.Length);

    // Letters small, as bytes; other characters are no letters behind it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Fold(ReadOnlySpan<char> text, int start)
    {
        ref var first = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<char, ushort>(text.Slice(start, Width)));
        return Vector128.NarrowWithSaturation(Vector128.LoadUnsafe(ref first), Vector128.LoadUnsafe(ref first, (nuint)Vector128<ushort>.Count)) | Vector128.Create((byte)0x20);
    }

    private static ulong Hash(Vector128<byte> letters) => (letters.AsUInt64()[0] * 0x9E3779B97F4A7C15UL) + (letters.AsUInt64()[1] * 0xC2B2AE3D27D4EB4FUL);

    private static int Begin(Vector128<byte> letters)
    {
        var first = letters.AsUInt32()[0];
        return (int)((first & 31) | (first >> 3 & 0x3E0) | (first >> 6 & 0x7C00));
    }

    // What stands for a letter, or for nothing, inside of a word does not end it, as far as can be told from here.
    private static bool EndsWord(char c) => Folding.Kinds[c] is not (CharacterKind.Letter or CharacterKind.Digit or CharacterKind.Ignored) && !"'|@$!".Contains(c);
}
