using System.Globalization;
using System.Numerics;

namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>The reviewed rules and their words, as words.txt and rules.txt have them.</summary>
internal sealed class RuleSet
{
    private readonly Dictionary<string, HashSet<string>> _classes = [];
    private readonly Dictionary<string, int> _symbols = [];
    private readonly List<IReadOnlySet<string>> _symbolWords = [];
    private readonly (Pattern Pattern, int[] Others)[][] _byRarest;
    private readonly ulong[] _rarest;

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
        Vocabulary = new Vocabulary(_symbolWords);
        var common = _symbolWords.ConvertAll(words => words.Count(_classes["COMMON"].Contains));
        Patterns = patterns;
        var needs = patterns.ConvertAll(pattern => (Pattern: pattern, Symbols: ByRarity(pattern, common)));
        var byRarest = needs.ToLookup(need => need.Symbols[0], need => (need.Pattern, need.Symbols[1..]));
        _byRarest = [.. Enumerable.Range(0, _symbolWords.Count).Select(symbol => byRarest[symbol].ToArray())];
        _rarest = new ulong[Vocabulary.SymbolWords];
        foreach (var symbol in byRarest.Select(patterns => patterns.Key))
        {
            _rarest[symbol >> 6] |= 1UL << symbol;
        }
    }

    /// <summary>The rules of the gateway.</summary>
    public static RuleSet Default { get; } = new();

    /// <summary>The words that rules name.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>The rules' patterns.</summary>
    public IReadOnlyList<Pattern> Patterns { get; }

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

    /// <summary>Collects the patterns that a text has all the words of, wherever they stand.</summary>
    public void Collect(ReadOnlySpan<ulong> symbols, ref List<Pattern>? candidates)
    {
        for (var index = 0; index < symbols.Length; index++)
        {
            for (var left = symbols[index] & _rarest[index]; left != 0; left &= left - 1)
            {
                foreach (var (pattern, others) in _byRarest[(index << 6) + BitOperations.TrailingZeroCount(left)])
                {
                    if (HasAll(symbols, others))
                    {
                        (candidates ??= []).Add(pattern);
                    }
                }
            }
        }
    }

    private static bool HasAll(ReadOnlySpan<ulong> symbols, int[] others)
    {
        foreach (var symbol in others)
        {
            if ((symbols[symbol >> 6] & (1UL << symbol)) == 0)
            {
                return false;
            }
        }

        return true;
    }

    // What a pattern needs; first that which ordinary text has least.
    private int[] ByRarity(Pattern pattern, List<int> common) =>
        [.. pattern.Required.Distinct().OrderBy(symbol => (common[symbol], _symbolWords[symbol].Count))];

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
