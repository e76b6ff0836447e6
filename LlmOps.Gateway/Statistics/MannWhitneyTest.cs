namespace LlmOps.Gateway.Statistics;

/// <summary>Compares two independent samples by ranks, whatever their distribution (Mann, Whitney 1947).</summary>
internal static class MannWhitneyTest
{
    // Below this, and without ties, the distribution is counted out.
    private const int ExactBelow = 50;

    /// <summary>
    /// The p-value is exact where both have fewer than 50 values and none are equal; otherwise normal, with the variance corrected for
    /// ties (Lehmann 1975, section 1.4) and half a step of continuity. The shift's interval is from the same distribution; neither needs more than
    /// sorting and some passes over the values, so there is no limit to their number.
    /// </summary>
    /// <param name="baseline">What is compared with.</param>
    /// <param name="variant">What is compared.</param>
    /// <param name="confidence">Of the shift's interval: above 0, below 1.</param>
    /// <returns>Null where either has fewer than two values, or all of both are equal.</returns>
    public static RankComparison? Compare(ReadOnlySpan<double> baseline, ReadOnlySpan<double> variant, double confidence = 0.95)
    {
        var (x, y) = (Observations.Sorted(baseline), Observations.Sorted(variant));
        if (x.Length < 2 || y.Length < 2 || (x[0] == x[^1] && y[0] == y[^1] && x[0] == y[0]))
        {
            return null;
        }

        var (statistic, ties) = Count(x, y);
        double m = x.Length, n = y.Length, pairs = m * n;
        var critical = Distributions.NormalCritical(confidence);
        var isExact = m < ExactBelow && n < ExactBelow && ties == 0;
        double pValue;
        long k;
        if (isExact)
        {
            var tails = RankDistributions.MannWhitney(x.Length, y.Length);
            pValue = tails.PValue((long)statistic);
            k = tails.LowerCritical((1 - confidence) / 2);
        }
        else
        {
            var deviation = Math.Sqrt(pairs / 12 * (m + n + 1 - (ties / ((m + n) * (m + n - 1)))));
            pValue = Distributions.NormalTails(Math.Max(0, Math.Abs(statistic - (pairs / 2)) - 0.5) / deviation);
            k = (long)Math.Floor((pairs / 2) - (critical * deviation));
        }

        return new RankComparison(HodgesLehmann.Shift(x, y), HodgesLehmann.ShiftInterval(x, y, k), pValue, statistic, statistic / pairs, isExact);
    }

    // Both ascending: U of the second, and the sum of t³ - t over groups of t equal values.
    private static (double Statistic, double Ties) Count(double[] x, double[] y)
    {
        var (statistic, ties) = (0.0, 0.0);
        var (i, j) = (0, 0);
        while (i < x.Length || j < y.Length)
        {
            var value = i == x.Length ? y[j] : j == y.Length ? x[i] : Math.Min(x[i], y[j]);
            var (below, before) = (i, j);
            while (i < x.Length && x[i] == value)
            {
                i++;
            }

            while (j < y.Length && y[j] == value)
            {
                j++;
            }

            double equal = i - below + j - before;
            statistic += (j - before) * (below + ((i - below) / 2.0));
            ties += (equal * equal * equal) - equal;
        }

        return (statistic, ties);
    }
}
