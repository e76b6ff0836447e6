using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>
/// Says whether a text tries to make a model ignore its instructions, give them away or serve somebody else. Deterministic, in linear
/// time; safe for concurrent use.
/// </summary>
/// <param name="takesShortcuts">Whether what cannot matter is passed over; of no consequence but for the time, as tests make sure of.</param>
internal sealed class InjectionDetector(bool takesShortcuts = true)
{
    // What is encoded in what is encoded is looked at once more, and no further.
    private const int DeepestEncoding = 2;

    // Who hides words has a reason.
    private const double HidingWeight = 0.3;

    private readonly RuleSet _rules = RuleSet.Default;

    /// <summary>Scores a text of any length.</summary>
    public InjectionVerdict Score(ReadOnlySpan<char> text) => Score(text, 0);

    private InjectionVerdict Score(ReadOnlySpan<char> text, int depth)
    {
        var vocabulary = _rules.Vocabulary;
        var buffer = ArrayPool<Token>.Shared.Rent(TextScanner.MostTokens(text.Length));
        Span<ulong> symbols = stackalloc ulong[vocabulary.SymbolWords];
        List<Range>? encoded = null;
        try
        {
            var tokens = buffer.AsSpan(0, TextScanner.Scan(vocabulary, text, buffer, ref encoded, takesShortcuts));
            var verdict = Score(tokens, symbols);
            return verdict.IsAttack || depth == DeepestEncoding ? verdict : Hidden(verdict, text, symbols, encoded, depth + 1);
        }
        finally
        {
            ArrayPool<Token>.Shared.Return(buffer);
        }
    }

    // A sentence at a time: no pattern goes beyond one, and most have not all the words of any. Collects the symbols of all of them.
    private InjectionVerdict Score(ReadOnlySpan<Token> tokens, Span<ulong> symbols)
    {
        List<(int Start, int Rule, double Weight)>? matches = null;
        List<Pattern>? candidates = null;
        Span<ulong> ofSentence = stackalloc ulong[symbols.Length];
        for (var from = 0; from < tokens.Length;)
        {
            ofSentence.Clear();
            var end = from;
            for (; end < tokens.Length && !tokens[end].IsBreak; end++)
            {
                if (tokens[end].Word > Token.Break)
                {
                    Union(ofSentence, _rules.Vocabulary.Symbols(tokens[end].Word));
                }
            }

            Union(symbols, ofSentence);
            candidates?.Clear();
            if (takesShortcuts)
            {
                _rules.Collect(ofSentence, ref candidates);
            }
            else
            {
                (candidates ??= []).AddRange(_rules.Patterns);
            }

            if (candidates is { Count: > 0 })
            {
                Match(candidates, tokens, from, end, ref matches);
            }

            from = end + 1;
        }

        return matches is null ? InjectionVerdict.Clean : WeightWindow.Verdict(matches, _rules.Names);
    }

    private void Match(List<Pattern> candidates, ReadOnlySpan<Token> tokens, int from, int end, ref List<(int Start, int Rule, double Weight)>? matches)
    {
        var vocabulary = _rules.Vocabulary;
        foreach (var pattern in candidates)
        {
            var first = pattern.First;
            for (var start = from; start < end; start++)
            {
                if (vocabulary.Fits(tokens[start].Word, first) && pattern.Match(vocabulary, tokens, start) is >= 0 and var last)
                {
                    (matches ??= []).Add((start, pattern.Rule, pattern.Weight > 0 ? pattern.Weight * Mention.Factor(_rules, tokens, start, last) : pattern.Weight));
                }
            }
        }
    }

    // The same text as it reads once decoded.
    private InjectionVerdict Hidden(InjectionVerdict verdict, ReadOnlySpan<char> text, ReadOnlySpan<ulong> symbols, List<Range>? encoded, int depth)
    {
        foreach (var (name, decoded) in Encodings.Decode(text, encoded, Has(symbols, _rules.Reversed), Has(symbols, _rules.Rotated)))
        {
            var hidden = Score(decoded, depth);
            if (hidden.Score > 0 && hidden.Score + HidingWeight > verdict.Score)
            {
                verdict = new InjectionVerdict(hidden.Score + HidingWeight, [name, .. hidden.Rules]);
            }

            if (verdict.IsAttack)
            {
                break;
            }
        }

        return verdict;
    }

    private static bool Has(ReadOnlySpan<ulong> symbols, int symbol) => (symbols[symbol >> 6] & (1UL << symbol)) != 0;

    private static void Union(Span<ulong> symbols, ReadOnlySpan<ulong> more)
    {
        var all = MemoryMarshal.Cast<ulong, Vector256<ulong>>(symbols);
        var added = MemoryMarshal.Cast<ulong, Vector256<ulong>>(more);
        for (var index = 0; index < all.Length; index++)
        {
            all[index] |= added[index];
        }
    }
}
