namespace LlmOps.Gateway.Statistics;

/// <summary>Pairs, compared by the ranks of their differences.</summary>
/// <param name="Shift">The median of the averages of all two differences (Hodges-Lehmann), variant minus baseline, in the metric's unit.</param>
/// <param name="Interval">Of the shift; null where so few pairs allow none at the confidence asked for.</param>
/// <param name="PValue">Two-sided, 0 to 1.</param>
/// <param name="Statistic">Wilcoxon's V: the sum of the ranks of the differences above zero.</param>
/// <param name="IsExact">Whether the p-value is of the exact distribution, not of the normal one that approximates it.</param>
internal sealed record SignedRankComparison(double Shift, Interval? Interval, double PValue, double Statistic, bool IsExact);
