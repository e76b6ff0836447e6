using System.Numerics;

namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>
/// The words that rules name, as a trie over folded characters: a word of ordinary text leaves it after two or three. Each word has
/// the set of symbols (classes and alternatives of the rules' patterns) that it fits.
/// </summary>
internal sealed class Vocabulary
{
    /// <summary>The longest word that is looked up, in characters.</summary>
    public const int LongestWord = 64;

    // Shorter ones are found everywhere in letters without spaces.
    private const int ShortestInCompound = 3;

    private readonly ushort[] _roots = new ushort[char.MaxValue + 1];
    private readonly uint[] _keys;
    private readonly ushort[] _next;
    private readonly int _shift;
    private readonly ushort[] _exact;
    private readonly ushort[] _prefix;
    private readonly int _symbolWords;
    private readonly ulong[] _symbols;

    /// <summary>Builds it from the words of each symbol; "word*" is all words that begin so, "_" stands for a space.</summary>
    /// <param name="symbols">The words of each.</param>
    /// <param name="common">Words that every text has: theirs are the first numbers, so that what is known of them is near each other.</param>
    public Vocabulary(IReadOnlyList<IReadOnlySet<string>> symbols, IReadOnlySet<string> common)
    {
        _symbolWords = (symbols.Count + 63) / 64;
        var words = symbols.SelectMany(symbol => symbol).Distinct().Order(StringComparer.Ordinal).ToList();
        var numbers = words.OrderByDescending(common.Contains).Index().ToDictionary(word => word.Item, word => checked((ushort)(word.Index + FirstWord)));
        var texts = words.ConvertAll(word => Parse(word).Text);
        var nodes = new Dictionary<uint, ushort>();
        var (exact, prefix) = (new List<ushort> { 0 }, new List<ushort> { 0 });
        for (var index = 0; index < words.Count; index++)
        {
            var (text, isPrefix) = (texts[index], words[index].Length > 1 && words[index][^1] == '*');
            var node = 0;
            foreach (var c in text)
            {
                var key = Key(node, c);
                if (!nodes.TryGetValue(key, out var next))
                {
                    next = checked((ushort)exact.Count);
                    nodes.Add(key, next);
                    exact.Add(0);
                    prefix.Add(0);
                }

                node = next;
            }

            (isPrefix ? prefix : exact)[node] = numbers[words[index]];
            Typos.Add(text, numbers[words[index]]);
        }

        (_exact, _prefix) = ([.. exact], [.. prefix]);
        var size = BitOperations.RoundUpToPowerOf2((uint)nodes.Count * 4);
        _shift = 32 - BitOperations.Log2(size);
        (_keys, _next) = (new uint[size], new ushort[size]);
        foreach (var (key, next) in nodes)
        {
            if (key >> 16 == 0)
            {
                _roots[(char)key] = next;
                continue;
            }

            var slot = Slot(key);
            while (_next[slot] != 0)
            {
                slot = (slot + 1) & (_keys.Length - 1);
            }

            (_keys[slot], _next[slot]) = (key, next);
        }

        _symbols = new ulong[(words.Count + FirstWord) * _symbolWords];
        for (var symbol = 0; symbol < symbols.Count; symbol++)
        {
            foreach (var word in symbols[symbol])
            {
                var text = Parse(word).Text;
                Mark(numbers[word], symbol);
                for (var other = 0; word[^1] == '*' && other < words.Count; other++)
                {
                    // A word has the symbols of its beginnings too: "instructions" those of "instruct*".
                    if (texts[other].StartsWith(text, StringComparison.Ordinal))
                    {
                        Mark(numbers[words[other]], symbol);
                    }
                }
            }
        }

        Count = words.Count + FirstWord;
        AnyNumber = Find("#");
        Plain = new PlainWords(this);
    }

    // After the unknown word and the break.
    private const int FirstWord = 2;

    /// <summary>How many numbers of words there are.</summary>
    public int Count { get; }

    /// <summary>Its words as they are misspelt.</summary>
    public TypoIndex Typos { get; } = new();

    /// <summary>The word that stands for all numbers that no rule names.</summary>
    public ushort AnyNumber { get; }

    /// <summary>What it says of plain words.</summary>
    public PlainWords Plain { get; }

    /// <summary>Whether a word fits a symbol.</summary>
    public bool Fits(ushort word, int symbol) => word > Token.Break && (_symbols[(word * _symbolWords) + (symbol >> 6)] & (1UL << symbol)) != 0;

    /// <summary>The number of a folded word; <see cref="Token.Unknown"/> where no rule names it.</summary>
    public ushort Find(ReadOnlySpan<char> word)
    {
        var found = Token.Unknown;
        int node = 0;
        foreach (var c in word)
        {
            node = Next(node, c);
            if (node == 0)
            {
                return found;
            }

            if (_prefix[node] != 0)
            {
                found = _prefix[node];
            }
        }

        return _exact[node] != 0 ? _exact[node] : found;
    }

    /// <summary>The number of a word of digits; <see cref="AnyNumber"/> where no rule names it.</summary>
    public ushort FindNumber(ReadOnlySpan<char> digits) => _roots[digits[0]] != 0 && Find(digits) is not Token.Unknown and var found ? found : AnyNumber;

    /// <summary>The longest word that a run of folded letters begins with, and its length; length 0 where there is none.</summary>
    public (ushort Word, int Length) FindLongest(ReadOnlySpan<char> letters, bool isIdeographic)
    {
        var (word, length) = (Token.Unknown, 0);
        var node = 0;
        for (var at = 0; at < letters.Length; at++)
        {
            node = Next(node, letters[at]);
            if (node == 0)
            {
                break;
            }

            if ((isIdeographic || at + 1 >= ShortestInCompound) && (_exact[node] | _prefix[node]) != 0)
            {
                (word, length) = (_exact[node] != 0 ? _exact[node] : _prefix[node], at + 1);
            }
        }

        return (word, length);
    }

    private void Mark(ushort word, int symbol) => _symbols[(word * _symbolWords) + (symbol >> 6)] |= 1UL << symbol;

    private static (string Text, bool IsPrefix) Parse(string word)
    {
        var isPrefix = word.Length > 1 && word[^1] == '*';
        var folded = (isPrefix ? word[..^1] : word).Select(c => c == '_' ? ' ' : Folding.Folded[c]).Where(c => Folding.Kinds[c] != CharacterKind.Ignored);
        return (string.Concat(folded), isPrefix);
    }

    private static uint Key(int node, char c) => ((uint)node << 16) | c;

    private int Slot(uint key) => (int)((key * 0x9E3779B1u) >> _shift);

    private int Next(int node, char c)
    {
        if (node == 0)
        {
            return _roots[c];
        }

        var key = Key(node, c);
        for (var slot = Slot(key); _next[slot] != 0; slot = (slot + 1) & (_keys.Length - 1))
        {
            if (_keys[slot] == key)
            {
                return _next[slot];
            }
        }

        return 0;
    }
}
