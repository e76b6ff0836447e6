namespace LlmOps.Gateway.Statistics;

/// <summary>Compares means of pairs: the same case under the baseline and under the variant (Student 1908).</summary>
internal static class PairedTTest
{
    /// <summary>The mean of the differences, Student's t with n - 1 degrees of freedom, its p-value, and its interval.</summary>
    /// <param name="baseline">One value of each pair.</param>
    /// <param name="variant">The other ones, in the same order; as many.</param>
    /// <param name="confidence">Of the interval: above 0, below 1.</param>
    /// <returns>Null for fewer than two pairs, or where all differences are the same.</returns>
    public static MeanComparison? Compare(ReadOnlySpan<double> baseline, ReadOnlySpan<double> variant, double confidence = 0.95)
    {
        var differences = Moments.Of(Observations.Differences(baseline, variant));
        if (differences.Variance is not { } variance || !(variance > 0) || !double.IsFinite(variance))
        {
            return null;
        }

        // The lift is of the pairs that count, as the difference is.
        var of = default(Moments);
        for (var pair = 0; pair < baseline.Length; pair++)
        {
            of = double.IsFinite(variant[pair] - baseline[pair]) ? of.Add(baseline[pair]) : of;
        }

        return StudentTest.Of(differences.Mean, Math.Sqrt(variance / differences.Count), differences.Count - 1, of.Mean, confidence);
    }
}
