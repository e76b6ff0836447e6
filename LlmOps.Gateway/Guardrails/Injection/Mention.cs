namespace LlmOps.Gateway.Guardrails.Injection;

/// <summary>
/// Tells an attack from talk about one: a short quotation that is asked about, or a sentence that says that others attack. A quotation
/// alone is no excuse, nor is one that is to be followed.
/// </summary>
internal static class Mention
{
    private const double QuotedAndAsked = 0.2;
    private const double Reported = 0.35;

    // In words, from the quotation or the match.
    private const int Nearby = 40;
    private const int InSentence = 20;
    private const int LongestQuote = 80;

    /// <summary>What a match's weight is multiplied by, 0 to 1.</summary>
    public static double Factor(RuleSet rules, ReadOnlySpan<Token> tokens, int start, int end)
    {
        if (tokens[start].IsQuoted || tokens[end].IsQuoted)
        {
            // The quotation that the match is in, or reaches into.
            var (from, to) = tokens[end].IsQuoted ? (end, end) : (start, start);
            while (from > 0 && tokens[from - 1].IsQuoted && end - from <= LongestQuote)
            {
                from--;
            }

            while (to + 1 < tokens.Length && tokens[to + 1].IsQuoted && to - start <= LongestQuote)
            {
                to++;
            }

            var before = tokens[Math.Max(0, from - Nearby)..from];
            var after = tokens[(to + 1)..Math.Min(tokens.Length, to + 1 + Nearby)];
            if (to - from <= LongestQuote && (Has(rules, before, rules.About) || Has(rules, after, rules.About))
                && !IsToBeFollowed(rules, before) && !IsToBeFollowed(rules, after))
            {
                return QuotedAndAsked;
            }
        }

        for (var at = start - 1; at >= 0 && start - at <= InSentence && !tokens[at].IsBreak; at--)
        {
            if (rules.Vocabulary.Fits(tokens[at].Word, rules.Reported))
            {
                return Reported;
            }
        }

        return 1;
    }

    // "Obey", or "do as it says".
    private static bool IsToBeFollowed(RuleSet rules, ReadOnlySpan<Token> tokens)
    {
        for (var at = 0; at + 1 < tokens.Length; at++)
        {
            if (rules.Vocabulary.Fits(tokens[at].Word, rules.Do) && rules.Vocabulary.Fits(tokens[at + 1].Word, rules.DoAs))
            {
                return true;
            }
        }

        return Has(rules, tokens, rules.Obey);
    }

    private static bool Has(RuleSet rules, ReadOnlySpan<Token> tokens, int symbol)
    {
        foreach (var token in tokens)
        {
            if (!token.IsQuoted && rules.Vocabulary.Fits(token.Word, symbol))
            {
                return true;
            }
        }

        return false;
    }
}
