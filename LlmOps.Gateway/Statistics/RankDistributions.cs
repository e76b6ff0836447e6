namespace LlmOps.Gateway.Statistics;

/// <summary>
/// The exact distribution of a rank statistic where there is no difference, symmetric about its middle: the number of
/// arrangements for each of its values, from 0.
/// </summary>
internal sealed class RankDistributions
{
    private readonly double[] _atMost;

    private RankDistributions(UInt128[] counts)
    {
        // Summed as whole numbers, divided last.
        _atMost = new double[counts.Length];
        var sum = UInt128.Zero;
        for (var value = 0; value < counts.Length; value++)
        {
            sum += counts[value];
            _atMost[value] = (double)sum;
        }

        for (var value = 0; value < counts.Length; value++)
        {
            _atMost[value] /= (double)sum;
        }
    }

    /// <summary>
    /// Of Mann and Whitney's U. Its generating function is the Gaussian binomial coefficient, a product of (1 - q^(n+i)) / (1 - q^i)
    /// (Andrews 1976, theorem 3.1). What overflows on the way comes back, as only sums and differences are taken; the counts themselves fit for up to
    /// 128 values in all.
    /// </summary>
    public static RankDistributions MannWhitney(int m, int n)
    {
        var counts = new UInt128[(m * n) + 1];
        counts[0] = 1;
        for (var i = 1; i <= m; i++)
        {
            for (var value = counts.Length - 1; value >= n + i; value--)
            {
                counts[value] = unchecked(counts[value] - counts[value - n - i]);
            }

            for (var value = i; value < counts.Length; value++)
            {
                counts[value] = unchecked(counts[value] + counts[value - i]);
            }
        }

        return new RankDistributions(counts);
    }

    /// <summary>Of Wilcoxon's V: the product of (1 + q^i), each rank being in the sum or not. For up to 127 pairs.</summary>
    public static RankDistributions SignedRank(int n)
    {
        var counts = new UInt128[(n * (n + 1) / 2) + 1];
        counts[0] = 1;
        for (var i = 1; i <= n; i++)
        {
            for (var value = counts.Length - 1; value >= i; value--)
            {
                counts[value] += counts[value - i];
            }
        }

        return new RankDistributions(counts);
    }

    /// <summary>The p-value, two-sided: twice the smaller tail, at most 1.</summary>
    public double PValue(long statistic) => Math.Min(1, 2 * _atMost[Math.Min(statistic, _atMost.Length - 1 - statistic)]);

    /// <summary>The smallest value that is not within the lower tail of this probability; 0 where there is no such tail.</summary>
    public long LowerCritical(double tail)
    {
        var value = 0;
        while (_atMost[value] <= tail)
        {
            value++;
        }

        return value;
    }
}
