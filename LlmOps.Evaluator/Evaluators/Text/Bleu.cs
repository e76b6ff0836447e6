namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>
/// BLEU (Papineni et al., 2002) of a sentence as sacrebleu computes it (Post, 2018): up to four words, exponential smoothing
/// (NIST's; method 3 of Chen and Cherry, 2014) and effective order. A mean of such scores is not the BLEU of a corpus.
/// </summary>
/// <param name="AnswerLength">The answer's words.</param>
/// <param name="ReferenceLength">Those of the reference whose length is nearest to it; the shorter one of two.</param>
/// <param name="InCommon">By their length, the answer's n-grams that references have.</param>
/// <param name="Total">By their length, the answer's n-grams.</param>
internal sealed record Bleu(int AnswerLength, int ReferenceLength, IReadOnlyList<int> InCommon, IReadOnlyList<int> Total)
{
    private const int Longest = 4;

    /// <summary>0 to 1.</summary>
    public double Score
    {
        get
        {
            if (InCommon.All(count => count == 0))
            {
                return 0;
            }

            var (logarithms, order, smoothing) = (0.0, 0, 1.0);
            while (order < Longest && Total[order] > 0)
            {
                smoothing *= InCommon[order] == 0 ? 2 : 1;
                logarithms += Math.Log(InCommon[order] == 0 ? 1 / (smoothing * Total[order]) : (double)InCommon[order] / Total[order]);
                order++;
            }

            var brevity = AnswerLength < ReferenceLength ? Math.Exp(1 - ((double)ReferenceLength / AnswerLength)) : 1;
            return brevity * Math.Exp(logarithms / order);
        }
    }

    /// <summary>Compares an answer with references, each taken apart into words.</summary>
    public static Bleu Of(IReadOnlyList<string> answer, IReadOnlyList<IReadOnlyList<string>> references)
    {
        return new Bleu(
            answer.Count,
            references.Select(reference => reference.Count).OrderBy(count => Math.Abs(count - answer.Count)).ThenBy(count => count).FirstOrDefault(),
            NGrams.InCommon(answer, references, Longest),
            [.. Enumerable.Range(1, Longest).Select(length => NGrams.Count(answer.Count, length))]);
    }
}
