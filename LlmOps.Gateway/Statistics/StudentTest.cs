namespace LlmOps.Gateway.Statistics;

/// <summary>What follows from a difference and its standard error by Student's t.</summary>
internal static class StudentTest
{
    /// <summary>Statistic, two-sided p-value, interval and lift.</summary>
    /// <param name="difference">Variant minus baseline.</param>
    /// <param name="standardError">Of the difference, above 0.</param>
    /// <param name="degreesOfFreedom">Above 0.</param>
    /// <param name="baseline">The baseline's mean.</param>
    /// <param name="confidence">Above 0, below 1.</param>
    public static MeanComparison Of(double difference, double standardError, double degreesOfFreedom, double baseline, double confidence)
    {
        var statistic = difference / standardError;
        var half = standardError * Distributions.StudentCritical(confidence, degreesOfFreedom);
        return new MeanComparison(
            difference,
            new Interval(difference - half, difference + half),
            Distributions.StudentTails(statistic, degreesOfFreedom),
            statistic,
            degreesOfFreedom,
            baseline > 0 ? difference / baseline : null);
    }
}
