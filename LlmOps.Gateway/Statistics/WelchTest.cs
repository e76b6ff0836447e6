namespace LlmOps.Gateway.Statistics;

/// <summary>Compares the means of two independent samples, whose variances may differ (Welch 1947).</summary>
internal static class WelchTest
{
    /// <summary>Of the values themselves; see the other.</summary>
    public static MeanComparison? Compare(ReadOnlySpan<double> baseline, ReadOnlySpan<double> variant, double confidence = 0.95) =>
        Compare(Moments.Of(baseline), Moments.Of(variant), confidence);

    /// <summary>
    /// The difference of the means, Student's t with the degrees of freedom of Welch and Satterthwaite (Satterthwaite 1946),
    /// its p-value, and the interval that belongs to it.
    /// </summary>
    /// <param name="baseline">What is compared with.</param>
    /// <param name="variant">What is compared.</param>
    /// <param name="confidence">Of the interval: above 0, below 1.</param>
    /// <returns>Null where either has fewer than two values, or neither varies.</returns>
    public static MeanComparison? Compare(Moments baseline, Moments variant, double confidence = 0.95)
    {
        if (baseline.Variance / baseline.Count is not { } square0 || variant.Variance / variant.Count is not { } square1)
        {
            return null;
        }

        var squares = square0 + square1;
        if (!(squares > 0) || !double.IsFinite(squares) || !double.IsFinite(variant.Mean - baseline.Mean))
        {
            return null;
        }

        // Shares, not squares of squares: those vanish where values are small.
        var (share0, share1) = (square0 / squares, square1 / squares);
        var degrees = 1 / ((share0 * share0 / (baseline.Count - 1)) + (share1 * share1 / (variant.Count - 1)));
        return StudentTest.Of(variant.Mean - baseline.Mean, Math.Sqrt(squares), degrees, baseline.Mean, confidence);
    }
}
