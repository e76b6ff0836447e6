namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>How much of an answer is in a reference, and the other way round.</summary>
/// <param name="Precision">The share of the answer that the reference has, 0 to 1.</param>
/// <param name="Recall">The share of the reference that the answer has, 0 to 1.</param>
internal readonly record struct Overlap(double Precision, double Recall)
{
    /// <summary>Their harmonic mean, 0 to 1.</summary>
    public double F1 => F(1);

    /// <summary>Of something in common between an answer and a reference; 0 where either has nothing.</summary>
    public static Overlap Of(int inCommon, int answer, int reference) =>
        new(answer == 0 ? 0 : (double)inCommon / answer, reference == 0 ? 0 : (double)inCommon / reference);

    /// <summary>Their weighted harmonic mean, 0 to 1 (van Rijsbergen's F).</summary>
    /// <param name="beta">How many times as much recall counts as precision.</param>
    public double F(double beta)
    {
        var weight = beta * beta;
        var sum = (weight * Precision) + Recall;
        return sum > 0 ? (1 + weight) * Precision * Recall / sum : 0;
    }
}
