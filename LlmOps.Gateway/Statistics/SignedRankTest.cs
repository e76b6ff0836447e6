namespace LlmOps.Gateway.Statistics;

/// <summary>Compares pairs by the ranks of their differences, which are to be symmetric about their middle (Wilcoxon 1945).</summary>
internal static class SignedRankTest
{
    // Below this, and without ties or zeros, the distribution is counted out.
    private const int ExactBelow = 50;

    // Differences that are the same but for rounding, such as 0.8 - 0.7 and 0.3 - 0.2, are ties.
    private const double Rounding = 1e-9;

    /// <summary>
    /// The p-value is exact for fewer than 50 pairs without zeros and ties; otherwise normal, with the variance corrected for ties
    /// (Lehmann 1975, section 3.2) and half a step of continuity. Pairs without difference take no part in the p-value, as Wilcoxon has it, but in
    /// the shift and its interval.
    /// </summary>
    /// <param name="baseline">One value of each pair.</param>
    /// <param name="variant">The other ones, in the same order; as many.</param>
    /// <param name="confidence">Of the shift's interval: above 0, below 1.</param>
    /// <returns>Null for fewer than two pairs, or where none differs.</returns>
    public static SignedRankComparison? Compare(ReadOnlySpan<double> baseline, ReadOnlySpan<double> variant, double confidence = 0.95)
    {
        var differences = Observations.Differences(baseline, variant);
        Array.Sort(differences);
        var (statistic, ties, ranked) = Rank(differences);
        if (differences.Length < 2 || ranked == 0)
        {
            return null;
        }

        var isExact = differences.Length < ExactBelow && ties == 0 && ranked == differences.Length;
        double pValue;
        long k;
        if (isExact)
        {
            var tails = RankDistributions.SignedRank(ranked);
            pValue = tails.PValue((long)statistic);
            k = tails.LowerCritical((1 - confidence) / 2);
        }
        else
        {
            double n = ranked, all = differences.Length;
            var deviation = Math.Sqrt((n * (n + 1) * ((2 * n) + 1) / 24) - (ties / 48));
            pValue = Distributions.NormalTails(Math.Max(0, Math.Abs(statistic - (n * (n + 1) / 4)) - 0.5) / deviation);
            k = (long)Math.Floor((all * (all + 1) / 4) - (Distributions.NormalCritical(confidence) * Math.Sqrt(all * (all + 1) * ((2 * all) + 1) / 24)));
        }

        return new SignedRankComparison(HodgesLehmann.Centre(differences), HodgesLehmann.CentreInterval(differences, k), pValue, statistic, isExact);
    }

    // V, the sum of t³ - t over groups of t equal sizes, and how many are not zero.
    private static (double Statistic, double Ties, int Ranked) Rank(double[] differences)
    {
        var sizes = Array.FindAll(differences, difference => difference != 0);
        Array.Sort(sizes, (one, other) => Math.Abs(one).CompareTo(Math.Abs(other)));
        var (statistic, ties) = (0.0, 0.0);
        for (var start = 0; start < sizes.Length;)
        {
            var (end, positive) = (start, 0);
            for (; end < sizes.Length && Math.Abs(sizes[end]) - Math.Abs(sizes[start]) <= Rounding * Math.Abs(sizes[start]); end++)
            {
                positive += sizes[end] > 0 ? 1 : 0;
            }

            double equal = end - start;
            statistic += positive * (start + ((equal + 1) / 2));
            ties += (equal * equal * equal) - equal;
            start = end;
        }

        return (statistic, ties, sizes.Length);
    }
}
