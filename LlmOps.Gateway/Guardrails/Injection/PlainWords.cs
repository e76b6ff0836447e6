using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>
/// What nearly all words are: a few ASCII letters with nothing in them or beside them that could belong to a word. Each is read at
/// once, and known by its letters as one value: what the vocabulary says of it is asked when it is first met, and remembered.
/// Safe for concurrent use.
/// </summary>
/// <param name="vocabulary">What knows the words.</param>
/// <param name="mostMissed">After so many words that found no room, which are more than a language has, those that have it are no longer those that are met: all are forgotten.</param>
internal sealed class PlainWords(Vocabulary vocabulary, int mostMissed = 1 << 20)
{
    /// <summary>The most letters that a word has; a longer one may be several words without spaces.</summary>
    public const int Longest = 13;

    // Those that are met first have a place of their own, if it is free: they are mostly the ones that every text has, and are in so little
    // memory that a processor finds them again after all else that a request goes through.
    private const int FirstBits = 10;
    private const int FirstSlots = 1 << FirstBits;

    // The others have one of so many slots beside each other, behind those.
    private const int OtherBits = 14;
    private const int Beside = 4;

    // A slot has the first eight letters, and a value with the five others that there may be, that the slot is ready, and the word's number.
    private const int NumberAt = 48;
    private const ulong Ready = 1UL << (NumberAt - 1);
    private const ulong Taken = 1;

    private static readonly bool[] Ends = [.. Enumerable.Range(0, 256).Select(code => code < 128 && EndsWord((char)code))];

    private Slot[] _known = new Slot[FirstSlots + (1 << OtherBits)];

    // In the middle, away from what all who look words up read: they would wait for whoever counts beside it.
    private readonly int[] _missed = new int[64];

    // From 16 less a number on: so many bytes of ones, then zeros.
    private static ReadOnlySpan<byte> Masks =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>Whether a word ends before an ASCII character, whatever follows; never before others.</summary>
    public static bool EndsBefore(byte next) => Ends[next];

    /// <summary>
    /// Whether a word surely ends at a place: before what parts words, or before one of ' | @ $ ! where that parts words from what follows it.
    /// Where it says no, one may end there all the same. The text has one character more.
    /// </summary>
    public static bool EndsAt(ReadOnlySpan<byte> text, int at) => Ends[text[at]] || (MayGoOn(text[at]) && Ends[text[at + 1]]);

    /// <summary>The number of a word; <see cref="Token.Unknown"/> where no rule names it.</summary>
    /// <param name="text">Small letters, of which 16 characters are there from where the word begins.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">How many letters it has, up to <see cref="Longest"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort Find(ReadOnlySpan<byte> text, int start, int length)
    {
        var word = Vector128.Create(text[start..]) & Vector128.Create(Masks[(16 - length)..]);
        var (low, high) = (word.AsUInt64()[0], word.AsUInt64()[1] | Ready);
        var known = Volatile.Read(ref _known);
        var hash = (low ^ BitOperations.RotateLeft(high, 29)) * 0x9E3779B97F4A7C15UL;
        return known[First(hash)].Is(low, high, out var number) ? number : FindOther(known, hash, low, high, length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ushort FindOther(Slot[] known, ulong hash, ulong low, ulong high, int length)
    {
        for (var beside = 0; beside < Beside; beside++)
        {
            if (known[Other(hash, beside)].Is(low, high, out var number))
            {
                return number;
            }
        }

        Span<char> letters = stackalloc char[length];
        for (var at = 0; at < length; at++)
        {
            letters[at] = (char)(byte)(at < sizeof(ulong) ? low >> (8 * at) : high >> (8 * (at - sizeof(ulong))));
        }

        var found = vocabulary.Find(letters);
        found = found == Token.Unknown ? vocabulary.Typos.Find(letters) : found;
        Remember(known, hash, low, high | ((ulong)found << NumberAt));
        return found;
    }

    private void Remember(Slot[] known, ulong hash, ulong low, ulong high)
    {
        var hasRoom = known[First(hash)].Take(low, high);
        for (var beside = 0; beside < Beside && !hasRoom; beside++)
        {
            hasRoom = known[Other(hash, beside)].Take(low, high);
        }

        if (!hasRoom && Interlocked.Increment(ref _missed[_missed.Length / 2]) % mostMissed == 0)
        {
            Volatile.Write(ref _known, new Slot[known.Length]);
        }
    }

    private static int First(ulong hash) => (int)(hash >> (64 - FirstBits));

    private static int Other(ulong hash, int beside) => FirstSlots + (((int)(hash >> (64 - FirstBits - OtherBits)) & ((1 << OtherBits) - 1)) ^ beside);

    // What stands for a letter, or for nothing, inside of a word does not end it, as far as can be told from here.
    private static bool EndsWord(char c) => Folding.Kinds[c] is not (CharacterKind.Letter or CharacterKind.Digit or CharacterKind.Ignored) && !MayGoOn((byte)c);

    // Inside of a word only: where a letter or digit follows.
    private static bool MayGoOn(byte c) => c is (byte)'\'' or (byte)'|' or (byte)'@' or (byte)'$' or (byte)'!';

    // Once it is ready it stays as it is, or somebody could read one word's letters and another's number.
    private struct Slot
    {
        private ulong _low;
        private ulong _high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly bool Is(ulong low, ulong high, out ushort number)
        {
            // Before the letters that belong to it.
            var others = Volatile.Read(in _high) ^ high;
            number = (ushort)(others >> NumberAt);
            return others << (64 - NumberAt) == 0 && _low == low;
        }

        public bool Take(ulong low, ulong high)
        {
            if (_high != 0 || Interlocked.CompareExchange(ref _high, Taken, 0) != 0)
            {
                return false;
            }

            _low = low;
            Volatile.Write(ref _high, high);
            return true;
        }
    }
}
