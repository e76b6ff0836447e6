namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>F1 of an answer's and a reference's words, as SQuAD's evaluation has it (Rajpurkar et al., 2016; compute_f1 of evaluate-v2.0.py).</summary>
internal static class TokenF1
{
    /// <summary>0 to 1; 1 where both have no words, 0 where one has none.</summary>
    public static double Of(string answer, string reference)
    {
        var (given, wanted) = (Tokens.OfAnswer(answer), Tokens.OfAnswer(reference));
        return given.Count == 0 && wanted.Count == 0 ? 1 : Overlap.Of(NGrams.InCommon(given, [wanted], 1)[0], given.Count, wanted.Count).F1;
    }
}
