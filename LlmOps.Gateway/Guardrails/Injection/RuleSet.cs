using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>The reviewed rules and their words, as words.txt and rules.txt have them.</summary>
internal sealed class RuleSet
{
    /// <summary>The length of a signature, which is that of a cache line.</summary>
    public const int SignatureLength = 8;

    private const int SignatureBits = 64 * SignatureLength;

    // So many symbols have a bit of their own; the others share the rest.
    private const int OwnBits = SignatureBits - 64;

    private readonly Dictionary<string, HashSet<string>> _classes = [];
    private readonly Dictionary<string, int> _symbols = [];
    private readonly List<IReadOnlySet<string>> _symbolWords = [];
    private readonly int[] _bits;
    private readonly ulong[] _signatures;
    private readonly int _firstSignature;

    // By the bit of their rarest word, and where those of each bit begin.
    private readonly Candidate[] _candidates;
    private readonly int[] _starts;
    private readonly ulong[] _rarest = new ulong[SignatureLength];

    private RuleSet()
    {
        foreach (var line in ResourceFile.Lines("words.txt"))
        {
            var sides = line.Split('=', 2, StringSplitOptions.TrimEntries);
            if (!_classes.TryGetValue(sides[0], out var words))
            {
                _classes.Add(sides[0], words = []);
            }

            words.UnionWith(sides[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        var (names, patterns) = (new List<string>(), new List<Pattern>());
        foreach (var line in ResourceFile.Lines("rules.txt"))
        {
            var parts = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
            var rule = names.IndexOf(parts[0]);
            if (rule < 0)
            {
                rule = names.Count;
                names.Add(parts[0]);
            }

            patterns.Add(new Pattern(rule, double.Parse(parts[1], CultureInfo.InvariantCulture), parts[2].Split(" #")[0], Symbol));
        }

        (About, Obey, Reported) = (Symbol("ABOUT"), Symbol("OBEY"), Symbol("REPORTED"));
        (Reversed, Rotated, Do, DoAs) = (Symbol("REVERSED"), Symbol("ROTATED"), Symbol("DO"), Symbol("DO-AS"));
        Symbol("#|@");
        Names = names;
        Vocabulary = new Vocabulary(_symbolWords, _classes["COMMON"]);
        var common = _symbolWords.ConvertAll(words => words.Count(_classes["COMMON"].Contains));
        var needs = patterns.ConvertAll(pattern => pattern.Required.Distinct().OrderBy(symbol => (common[symbol], _symbolWords[symbol].Count)).ToArray());
        _bits = Bits(needs.Select(need => need[0]), common);
        var byRarest = patterns.Zip(needs, (pattern, need) => (Bit: _bits[need[0]], Candidate: CandidateOf(pattern, need))).OrderBy(pair => pair.Bit).ToList();
        _candidates = [.. byRarest.Select(pair => pair.Candidate)];
        _starts = [.. Enumerable.Range(0, SignatureBits + 1).Select(bit => byRarest.Count(pair => pair.Bit < bit))];
        foreach (var (bit, _) in byRarest)
        {
            Set(_rarest, bit);
        }

        (_signatures, _firstSignature) = Aligned(Vocabulary.Count * SignatureLength);
        for (var word = 0; word < Vocabulary.Count; word++)
        {
            foreach (var symbol in Enumerable.Range(0, _bits.Length).Where(symbol => Vocabulary.Fits((ushort)word, symbol)))
            {
                Set(_signatures.AsSpan(_firstSignature + (word * SignatureLength)), _bits[symbol]);
            }
        }
    }

    /// <summary>The rules of the gateway.</summary>
    public static RuleSet Default { get; } = new();

    /// <summary>The words that rules name.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>By rule: its name, "family.detail".</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Words of one who asks about a text: explain, translate, detect.</summary>
    public int About { get; }

    /// <summary>Words of one who wants a text to be followed.</summary>
    public int Obey { get; }

    /// <summary>What, before <see cref="DoAs"/>, wants a text to be followed too.</summary>
    public int Do { get; }

    /// <summary>What follows <see cref="Do"/>.</summary>
    public int DoAs { get; }

    /// <summary>Words that say that an attack is spoken of.</summary>
    public int Reported { get; }

    /// <summary>Words of attacks, from right to left.</summary>
    public int Reversed { get; }

    /// <summary>Words of attacks in rot13.</summary>
    public int Rotated { get; }

    /// <summary>
    /// By word of the vocabulary, <see cref="SignatureLength"/> for each: which symbols it fits, a bit for each symbol, or for several that
    /// are rare. Words that lack a bit fit none of its symbols.
    /// </summary>
    public ReadOnlySpan<ulong> Signatures => _signatures.AsSpan(_firstSignature, Vocabulary.Count * SignatureLength);

    /// <summary>All patterns as candidates.</summary>
    public ReadOnlySpan<Candidate> Candidates => _candidates;

    /// <summary>Whether a signature has the bit of a symbol; that of <see cref="Reversed"/> and of <see cref="Rotated"/> is theirs alone.</summary>
    public bool Has(ReadOnlySpan<ulong> signature, int symbol) => Candidate.Has(signature, _bits[symbol]);

    /// <summary>Collects the patterns that a sentence may have all the words of, wherever they stand.</summary>
    /// <param name="signature">The signatures of its words in one.</param>
    /// <param name="candidates">Has room for all of <see cref="Candidates"/>.</param>
    /// <returns>How many there are.</returns>
    public int Collect(ReadOnlySpan<ulong> signature, Span<Candidate> candidates)
    {
        var count = 0;
        for (var index = 0; index < SignatureLength; index++)
        {
            for (var left = signature[index] & _rarest[index]; left != 0; left &= left - 1)
            {
                var bit = (index << 6) + BitOperations.TrailingZeroCount(left);
                foreach (ref readonly var candidate in _candidates.AsSpan(_starts[bit].._starts[bit + 1]))
                {
                    if (candidate.MayBeIn(signature))
                    {
                        candidates[count++] = candidate;
                    }
                }
            }
        }

        return count;
    }

    private Candidate CandidateOf(Pattern pattern, int[] needed)
    {
        // Of those that need more the others are seen when it is matched.
        ushort Needed(int index) => (ushort)_bits[needed[Math.Min(index, needed.Length - 1)]];
        return new Candidate(pattern, (ushort)_bits[pattern.First], Needed(1), Needed(2), Needed(3));
    }

    private static void Set(Span<ulong> bits, int bit) => bits[bit >> 6] |= 1UL << bit;

    // An array that stays where it is, and where in it a cache line begins.
    private static (ulong[] Array, int First) Aligned(int length)
    {
        const int Line = 64 / sizeof(ulong);
        var array = GC.AllocateArray<ulong>(length + Line, pinned: true);
        return (array, (int)(-(Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) / sizeof(ulong)) & (Line - 1)));
    }

    // By symbol. First those that patterns are looked for by have one of their own, then those that ordinary text has most, where one
    // for several would tell least.
    private int[] Bits(IEnumerable<int> rarest, List<int> common)
    {
        var bits = new int[_symbolWords.Count];
        var order = new[] { Reversed, Rotated }.Concat(rarest).Concat(Enumerable.Range(0, bits.Length).OrderByDescending(symbol => (common[symbol], _symbolWords[symbol].Count)));
        foreach (var (index, symbol) in order.Distinct().Index())
        {
            bits[symbol] = index < OwnBits ? index : OwnBits + (index % (SignatureBits - OwnBits));
        }

        return bits;
    }

    // Alternatives of a pattern: words, and classes of them in capitals.
    private int Symbol(string alternatives)
    {
        if (!_symbols.TryGetValue(alternatives, out var symbol))
        {
            symbol = _symbolWords.Count;
            _symbols.Add(alternatives, symbol);
            _symbolWords.Add(alternatives.Split('|').SelectMany(each => char.IsAsciiLetterUpper(each[0]) ? _classes[each] : [each]).ToHashSet());
        }

        return symbol;
    }
}
