namespace LlmOps.Gateway.Statistics;

/// <summary>
/// By how much one sample lies above another, or pairs above zero: medians of all differences or averages (Hodges, Lehmann 1963),
/// with the intervals that belong to the rank tests (Lehmann 1975; Hollander, Wolfe 1999, sections 3.2, 3.3, 4.2, 4.3). All are exact
/// for any number of values: the pairs are counted, never written down.
/// </summary>
internal static class HodgesLehmann
{
    /// <summary>The median of variant - baseline over all pairs, in the unit of the values.</summary>
    /// <param name="baseline">At least one value, ascending.</param>
    /// <param name="variant">At least one value, ascending.</param>
    public static double Shift(double[] baseline, double[] variant) =>
        OrderedSelection.Median(variant[0] - baseline[^1], variant[^1] - baseline[0], (long)baseline.Length * variant.Length, limit => CountDifferences(baseline, variant, limit));

    /// <summary>From the k-th smallest of these differences to the k-th largest; null where k is below 1.</summary>
    public static Interval? ShiftInterval(double[] baseline, double[] variant, long k)
    {
        double At(long rank) => OrderedSelection.Find(variant[0] - baseline[^1], variant[^1] - baseline[0], rank, limit => CountDifferences(baseline, variant, limit));
        return k < 1 ? null : new Interval(At(k), At(((long)baseline.Length * variant.Length) + 1 - k));
    }

    /// <summary>The median of the averages of all two differences, each with itself as well (Walsh averages).</summary>
    /// <param name="differences">At least one value, ascending.</param>
    public static double Centre(double[] differences) =>
        OrderedSelection.Median(differences[0], differences[^1], Averages(differences.Length), limit => CountAverages(differences, limit));

    /// <summary>From the k-th smallest of these averages to the k-th largest; null where k is below 1.</summary>
    public static Interval? CentreInterval(double[] differences, long k)
    {
        double At(long rank) => OrderedSelection.Find(differences[0], differences[^1], rank, limit => CountAverages(differences, limit));
        return k < 1 ? null : new Interval(At(k), At(Averages(differences.Length) + 1 - k));
    }

    /// <summary>
    /// The standard error of a shift, as its interval's width tells it (Lehmann 1963, "Nonparametric confidence intervals for a shift parameter"): so it has the
    /// rank test's own efficiency on these values, be it below that of the mean or, where tails are long, far above.
    /// </summary>
    /// <param name="interval">Of the shift.</param>
    /// <param name="confidence">The interval's, above 0, below 1.</param>
    public static double StandardError(Interval interval, double confidence) => interval.Width / 2 / Distributions.NormalCritical(confidence);

    private static long Averages(long count) => count * (count + 1) / 2;

    private static long CountDifferences(double[] baseline, double[] variant, double limit)
    {
        var (count, below) = (0L, 0);
        foreach (var value in baseline)
        {
            while (below < variant.Length && variant[below] - value <= limit)
            {
                below++;
            }

            count += below;
        }

        return count;
    }

    private static long CountAverages(double[] differences, double limit)
    {
        var (count, end) = (0L, differences.Length);
        for (var first = 0; first < end; first++)
        {
            while (end > first && (differences[first] * 0.5) + (differences[end - 1] * 0.5) > limit)
            {
                end--;
            }

            count += end - first;
        }

        return count;
    }
}
