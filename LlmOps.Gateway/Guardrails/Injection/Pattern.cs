namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>
/// Words in a certain order, or near each other, within a sentence; rules.txt says how they are written. Matching looks at a bounded
/// number of words from where it begins, whatever the text.
/// </summary>
internal sealed class Pattern
{
    // A match is a set of bits, one for each position from its beginning on.
    private const int LongestMatch = 64;

    private const int LookBehind = 3;
    private const int LookAhead = 4;
    private const int DefaultNearness = 8;

    private readonly Part[] _parts;
    private readonly int _notBefore = -1;
    private readonly int _notAfter = -1;
    private readonly int _nearness;

    /// <summary>Reads a pattern; <paramref name="symbolOf"/> gives the symbol of alternatives.</summary>
    public Pattern(int rule, double weight, string text, Func<string, int> symbolOf)
    {
        (Rule, Weight) = (rule, weight);
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var parts = new List<Part>();
        var gap = 0;
        for (var index = 0; index < words.Length; index++)
        {
            var word = words[index];
            if (word == "&")
            {
                _nearness = Math.Max(_nearness, DefaultNearness);
            }
            else if (word[0] == '~')
            {
                gap = int.Parse(word.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
            }
            else if (word[0] == '!' && word.Length > 1 && word[1] != '[')
            {
                (index == 0 ? ref _notBefore : ref _notAfter) = symbolOf(word[1..]);
            }
            else
            {
                var marks = (word[0] == '^' ? TokenMarks.Start : TokenMarks.None) | (word.Length > 1 && word[^1] == ':' ? TokenMarks.Colon : TokenMarks.None);
                var isOptional = word.Length > 1 && word[^1] == '?';
                parts.Add(new Part(symbolOf(word.TrimStart('^').TrimEnd('?', ':')), marks, gap, isOptional));
                gap = 0;
            }
        }

        if (_nearness > 0 && gap > 0)
        {
            _nearness = gap;
        }

        _parts = [.. parts];
        First = _parts[0].Symbol;
    }

    /// <summary>The rule that it is a form of.</summary>
    public int Rule { get; }

    /// <summary>What a match adds to the score; negative where it speaks against an attack.</summary>
    public double Weight { get; }

    /// <summary>The symbol of the word that a match begins with.</summary>
    public int First { get; }

    /// <summary>The symbols that it cannot match without.</summary>
    public IEnumerable<int> Required => _parts.Where(part => !part.IsOptional).Select(part => part.Symbol);

    /// <summary>The last word of the match that begins at a place; -1 where none does.</summary>
    public int Match(Vocabulary vocabulary, ReadOnlySpan<Token> tokens, int start)
    {
        if (!_parts[0].Fits(vocabulary, tokens[start]))
        {
            return -1;
        }

        // What must not be near is looked for last, as nearly nothing comes so far.
        var end = _nearness > 0 ? MatchNear(vocabulary, tokens, start) : MatchInOrder(vocabulary, tokens, start);
        return end < 0 || (_notBefore >= 0 && Has(vocabulary, tokens, start, -1, LookBehind, _notBefore)) || (_notAfter >= 0 && Has(vocabulary, tokens, end, 1, LookAhead, _notAfter)) ? -1 : end;
    }

    private int MatchInOrder(Vocabulary vocabulary, ReadOnlySpan<Token> tokens, int start)
    {
        var ends = 1UL;
        var most = Math.Min(LongestMatch, tokens.Length - start);
        foreach (var part in _parts.AsSpan(1))
        {
            var next = part.IsOptional ? ends : 0UL;
            for (var left = ends; left != 0; left &= left - 1)
            {
                var from = System.Numerics.BitOperations.TrailingZeroCount(left) + 1;
                for (var at = from; at <= from + part.Gap && at < most && !tokens[start + at].IsBreak; at++)
                {
                    if (part.Fits(vocabulary, tokens[start + at]))
                    {
                        next |= 1UL << at;
                    }
                }
            }

            if (next == 0)
            {
                return -1;
            }

            ends = next;
        }

        return start + 63 - System.Numerics.BitOperations.LeadingZeroCount(ends);
    }

    private int MatchNear(Vocabulary vocabulary, ReadOnlySpan<Token> tokens, int start)
    {
        var end = start;
        foreach (var part in _parts.AsSpan(1))
        {
            var found = Find(vocabulary, tokens, start, 1, _nearness, part);
            if (found < 0 && Find(vocabulary, tokens, start, -1, _nearness, part) < 0)
            {
                return -1;
            }

            end = Math.Max(end, found);
        }

        return end;
    }

    private static int Find(Vocabulary vocabulary, ReadOnlySpan<Token> tokens, int from, int step, int most, Part part)
    {
        for (var at = from + step; at >= 0 && at < tokens.Length && Math.Abs(at - from) <= most && !tokens[at].IsBreak; at += step)
        {
            if (part.Fits(vocabulary, tokens[at]))
            {
                return at;
            }
        }

        return -1;
    }

    private static bool Has(Vocabulary vocabulary, ReadOnlySpan<Token> tokens, int from, int step, int most, int symbol) =>
        Find(vocabulary, tokens, from, step, most, new Part(symbol, TokenMarks.None, 0, false)) >= 0;

    private readonly record struct Part(int Symbol, TokenMarks Marks, int Gap, bool IsOptional)
    {
        public bool Fits(Vocabulary vocabulary, Token token) => vocabulary.Fits(token.Word, Symbol) && (token.Marks & Marks) == Marks;
    }
}
