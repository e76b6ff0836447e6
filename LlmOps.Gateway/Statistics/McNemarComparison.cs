namespace LlmOps.Gateway.Statistics;

/// <summary>Two rates over the same cases, compared.</summary>
/// <param name="Difference">Rate of the variant minus that of the baseline, -1 to 1.</param>
/// <param name="Interval">Of the difference, within -1 to 1.</param>
/// <param name="PValue">Two-sided, the mid-p of the exact test: as the conditional one it keeps close to its level, without being as cautious.</param>
/// <param name="ExactPValue">Of the exact test, two-sided: never above its level, with few cases far below.</param>
/// <param name="CorrectedPValue">Of the chi-square test with continuity correction, two-sided, as other programs report it.</param>
internal sealed record McNemarComparison(double Difference, Interval Interval, double PValue, double ExactPValue, double CorrectedPValue)
    : Comparison(Difference, Interval, PValue);
