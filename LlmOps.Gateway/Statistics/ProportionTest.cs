namespace LlmOps.Gateway.Statistics;

/// <summary>Compares two proportions of independent samples.</summary>
internal static class ProportionTest
{
    // Cochran 1954: below this the normal approximation is not to be trusted.
    private const double LeastExpected = 5;

    /// <summary>
    /// The difference with its interval (Newcombe 1998, "Interval estimation for the difference between independent
    /// proportions", method 10, from both Wilson intervals), and the p-value of the pooled z test without continuity correction,
    /// or Fisher's where a cell is expected to hold fewer than 5. The interval and the p-value are of different methods, and may
    /// disagree at the edge.
    /// </summary>
    /// <param name="baseline">What is compared with.</param>
    /// <param name="variant">What is compared.</param>
    /// <param name="confidence">Of the interval: above 0, below 1.</param>
    /// <returns>Null where either has no observations.</returns>
    public static ProportionComparison? Compare(Proportion baseline, Proportion variant, double confidence = 0.95)
    {
        if (baseline.Rate is not { } p0 || variant.Rate is not { } p1 || baseline.Interval(confidence) is not { } wilson0 || variant.Interval(confidence) is not { } wilson1)
        {
            return null;
        }

        var difference = p1 - p0;
        var interval = new Interval(
            Math.Max(-1, difference - double.Hypot(p1 - wilson1.Low, wilson0.High - p0)),
            Math.Min(1, difference + double.Hypot(wilson1.High - p1, p0 - wilson0.Low)));

        var pooled = (double)(baseline.Successes + variant.Successes) / (baseline.Count + variant.Count);
        var isExact = Math.Min(baseline.Count, variant.Count) * Math.Min(pooled, 1 - pooled) < LeastExpected;
        var pValue = isExact
            ? FisherExactTest.PValue(baseline, variant)
            : Distributions.NormalTails(difference / Math.Sqrt(pooled * (1 - pooled) * ((1.0 / baseline.Count) + (1.0 / variant.Count))));
        return new ProportionComparison(difference, interval, pValue, p0 > 0 ? difference / p0 : null, isExact);
    }
}
