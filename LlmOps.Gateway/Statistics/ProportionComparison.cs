namespace LlmOps.Gateway.Statistics;

/// <summary>Two proportions, compared.</summary>
/// <param name="Difference">Rate of the variant minus that of the baseline, -1 to 1.</param>
/// <param name="Interval">Of the difference, within -1 to 1.</param>
/// <param name="PValue">Two-sided, 0 to 1.</param>
/// <param name="RelativeLift">The difference as a share of the baseline's rate (0.1 is 10 % more); null where that rate is zero.</param>
/// <param name="IsExact">Whether the p-value is Fisher's, as counts are small; otherwise that of the pooled z test.</param>
internal sealed record ProportionComparison(double Difference, Interval Interval, double PValue, double? RelativeLift, bool IsExact)
    : Comparison(Difference, Interval, PValue);
