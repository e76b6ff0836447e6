using System.Buffers;
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
        var buffer = ArrayPool<Token>.Shared.Rent(TextScanner.MostTokens(text.Length));
        var candidates = ArrayPool<Candidate>.Shared.Rent(_rules.Candidates.Length);
        Span<ulong> signatures = stackalloc ulong[3 * RuleSet.SignatureLength];
        List<Range>? encoded = null;
        try
        {
            var tokens = buffer.AsSpan(0, TextScanner.Scan(_rules.Vocabulary, text, buffer, ref encoded, takesShortcuts));
            var verdict = Score(tokens, signatures, candidates);
            return verdict.IsAttack || depth == DeepestEncoding ? verdict : Hidden(verdict, text, signatures[..RuleSet.SignatureLength], encoded, depth + 1);
        }
        finally
        {
            ArrayPool<Token>.Shared.Return(buffer);
            ArrayPool<Candidate>.Shared.Return(candidates);
        }
    }

    // A sentence at a time: no pattern goes beyond one, and most have not all the words of any. Room for three signatures, all zeros; the
    // first becomes that of the text. And room for all candidates.
    private InjectionVerdict Score(ReadOnlySpan<Token> tokens, Span<ulong> signatures, Span<Candidate> candidates)
    {
        var ofText = signatures[..RuleSet.SignatureLength];
        var ofSentence = signatures.Slice(RuleSet.SignatureLength, RuleSet.SignatureLength);
        List<(int Start, int Rule, double Weight)>? matches = null;
        for (var from = 0; from < tokens.Length;)
        {
            var end = Union(tokens, from, ofSentence);
            for (var index = 0; index < ofText.Length; index++)
            {
                ofText[index] |= ofSentence[index];
            }

            var count = takesShortcuts ? _rules.Collect(ofSentence, candidates) : _rules.Candidates.Length;
            if (count > 0)
            {
                Match(takesShortcuts ? candidates[..count] : _rules.Candidates, tokens, from, end, signatures[(2 * RuleSet.SignatureLength)..], ref matches);
            }

            from = end + 1;
        }

        return matches is null ? InjectionVerdict.Clean : WeightWindow.Verdict(matches, _rules.Names);
    }

    // The signature of the sentence that begins at a place; where it ends.
    private int Union(ReadOnlySpan<Token> tokens, int from, Span<ulong> signature)
    {
        var signatures = _rules.Signatures;
        var (low, high) = (Vector256<ulong>.Zero, Vector256<ulong>.Zero);
        var end = from;
        for (; end < tokens.Length && !tokens[end].IsBreak; end++)
        {
            var ofWord = signatures.Slice(tokens[end].Word * RuleSet.SignatureLength, RuleSet.SignatureLength);
            low |= Vector256.Create(ofWord);
            high |= Vector256.Create(ofWord[Vector256<ulong>.Count..]);
        }

        low.CopyTo(signature);
        high.CopyTo(signature[Vector256<ulong>.Count..]);
        return end;
    }

    private void Match(ReadOnlySpan<Candidate> candidates, ReadOnlySpan<Token> tokens, int from, int end, Span<ulong> firsts, ref List<(int Start, int Rule, double Weight)>? matches)
    {
        var vocabulary = _rules.Vocabulary;
        var signatures = _rules.Signatures;
        firsts.Clear();
        foreach (ref readonly var candidate in candidates)
        {
            firsts[candidate.First >> 6] |= 1UL << candidate.First;
        }

        var (low, high) = (Vector256.Create<ulong>(firsts), Vector256.Create<ulong>(firsts[Vector256<ulong>.Count..]));
        for (var start = from; start < end; start++)
        {
            var ofWord = signatures.Slice(tokens[start].Word * RuleSet.SignatureLength, RuleSet.SignatureLength);
            if (takesShortcuts && ((Vector256.Create(ofWord) & low) | (Vector256.Create(ofWord[Vector256<ulong>.Count..]) & high)) == Vector256<ulong>.Zero)
            {
                continue;
            }

            foreach (ref readonly var candidate in candidates)
            {
                var pattern = candidate.Pattern;
                if ((!takesShortcuts || candidate.MayBeginWith(ofWord)) && pattern.Match(vocabulary, tokens, start) is >= 0 and var last)
                {
                    (matches ??= []).Add((start, pattern.Rule, pattern.Weight > 0 ? pattern.Weight * Mention.Factor(_rules, tokens, start, last) : pattern.Weight));
                }
            }
        }
    }

    // The same text as it reads once decoded.
    private InjectionVerdict Hidden(InjectionVerdict verdict, ReadOnlySpan<char> text, ReadOnlySpan<ulong> signature, List<Range>? encoded, int depth)
    {
        foreach (var (name, decoded) in Encodings.Decode(text, encoded, _rules.Has(signature, _rules.Reversed), _rules.Has(signature, _rules.Rotated)))
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
}
