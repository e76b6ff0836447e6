namespace LlmOps.Gateway.Statistics;

/// <summary>Two samples, compared by ranks.</summary>
/// <param name="Shift">By how much the variant's values lie above the baseline's (Hodges-Lehmann), in the metric's unit.</param>
/// <param name="Interval">Of the shift; null where so few values allow none at the confidence asked for.</param>
/// <param name="PValue">Two-sided, 0 to 1.</param>
/// <param name="Statistic">Mann and Whitney's U: the pairs in which the variant's value is the larger one, equal ones counted half.</param>
/// <param name="Superiority">The same as a share of all pairs, 0 to 1: how probably a value of the variant is above one of the baseline.</param>
/// <param name="IsExact">Whether the p-value is of the exact distribution, not of the normal one that approximates it.</param>
internal sealed record RankComparison(double Shift, Interval? Interval, double PValue, double Statistic, double Superiority, bool IsExact)
{
    /// <summary>Cliff's delta, -1 to 1: the share of pairs in which the variant is above minus that in which it is below (Cliff 1993).</summary>
    public double CliffsDelta => (2 * Superiority) - 1;
}
