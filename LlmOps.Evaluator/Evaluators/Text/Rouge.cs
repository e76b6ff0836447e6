namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>ROUGE (Lin, 2004: ROUGE: A Package for Automatic Evaluation of Summaries) as the rouge_score package computes it, without stemming.</summary>
internal static class Rouge
{
    /// <summary>ROUGE-N: the n-grams that both have.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="reference">The reference.</param>
    /// <param name="length">The n-grams' length in words.</param>
    public static Overlap N(string answer, string reference, int length)
    {
        var (given, wanted) = (Tokens.OfLetters(answer), Tokens.OfLetters(reference));
        return Overlap.Of(NGrams.InCommon(given, [wanted], length)[^1], NGrams.Count(given.Count, length), NGrams.Count(wanted.Count, length));
    }

    /// <summary>ROUGE-L: the words that both have in the same order, over the whole texts.</summary>
    /// <exception cref="TextTooLongException">A text is too long for it.</exception>
    public static Overlap L(string answer, string reference)
    {
        var (given, wanted) = (Tokens.OfLetters(answer), Tokens.OfLetters(reference));
        return Overlap.Of(LongestCommonSubsequence.Of(given, wanted), given.Count, wanted.Count);
    }
}
