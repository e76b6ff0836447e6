namespace LlmOps.Gateway.Statistics;

/// <summary>
/// Says whether a variant is clearly worse on a metric, so that it is to be stopped. As it is asked all the time, it looks at the one-sided bound of a
/// <see cref="ConfidenceSequence"/>: a variant that is not worse than tolerated is ever stopped as rarely as the sequence's alpha.
/// </summary>
/// <param name="sequence">Chosen before the first look, and kept.</param>
internal sealed class GuardRail(ConfidenceSequence sequence)
{
    /// <summary>Whether the variant's mean is worse than the baseline's by more than a tolerance in the metric's unit.</summary>
    /// <param name="baseline">What is compared with; of a rate, see <see cref="Proportion.Moments"/>.</param>
    /// <param name="variant">What is compared.</param>
    /// <param name="direction">Which way the metric gets better.</param>
    /// <param name="tolerance">How much worse it may be, at least 0.</param>
    /// <returns>Null where there is too little data, so nothing is to be stopped yet.</returns>
    public GuardRailVerdict? Judge(Moments baseline, Moments variant, MetricDirection direction, double tolerance = 0) =>
        Verdict(sequence.LowerBound(baseline, variant, 1, direction == MetricDirection.HigherIsBetter), tolerance);

    /// <summary>The same with a tolerance that is a share of the baseline's true mean, which is not to be below zero; the bound knows that this mean is estimated as well.</summary>
    /// <param name="baseline">What is compared with.</param>
    /// <param name="variant">What is compared.</param>
    /// <param name="direction">Which way the metric gets better.</param>
    /// <param name="share">How much worse it may be: 0.1 tolerates 10 % more latency, or 10 % less of a score. At least 0.</param>
    /// <returns>Null where there is too little data.</returns>
    public GuardRailVerdict? JudgeShare(Moments baseline, Moments variant, MetricDirection direction, double share)
    {
        var isBelow = direction == MetricDirection.HigherIsBetter;
        return Verdict(sequence.LowerBound(baseline, variant, isBelow ? 1 - share : 1 + share, isBelow), 0);
    }

    private static GuardRailVerdict? Verdict((double Value, double Bound)? worse, double tolerance) =>
        worse is { } known ? new GuardRailVerdict(known.Bound > tolerance, known.Value - tolerance, known.Bound - tolerance) : null;
}
