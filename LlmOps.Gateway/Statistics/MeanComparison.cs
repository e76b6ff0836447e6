namespace LlmOps.Gateway.Statistics;

/// <summary>Two means, compared by a t test.</summary>
/// <param name="Difference">Mean of the variant minus that of the baseline, in the metric's unit.</param>
/// <param name="Interval">Of the difference.</param>
/// <param name="PValue">Two-sided, 0 to 1.</param>
/// <param name="Statistic">Student's t.</param>
/// <param name="DegreesOfFreedom">Of the statistic; for Welch's test no whole number.</param>
/// <param name="RelativeLift">The difference as a share of the baseline's mean (0.1 is 10 % more); null where that mean is not positive.</param>
internal sealed record MeanComparison(double Difference, Interval Interval, double PValue, double Statistic, double DegreesOfFreedom, double? RelativeLift)
    : Comparison(Difference, Interval, PValue);
