namespace LlmOps.Gateway.Statistics;

/// <summary>The permutation test of pairs: without a difference each pair's could as well have the other sign (Fisher 1935, section 21).</summary>
internal static class SignFlipTest
{
    /// <summary>Up to so many pairs that differ all signs are tried, 2^20; above, random ones.</summary>
    public const int ExactPairs = 20;

    /// <summary>
    /// How probable a mean difference at least as far from zero is, two-sided, above 0, at most 1. Of random signs the observed ones count as
    /// one draw (Phipson, Smyth 2010), so that it is never zero.
    /// </summary>
    /// <param name="baseline">One value of each pair.</param>
    /// <param name="variant">The other ones, in the same order; as many.</param>
    /// <param name="seed">The same seed gives the same result.</param>
    /// <param name="draws">How many random signs are tried where all are too many, at least 100.</param>
    /// <returns>Null where no pair differs.</returns>
    public static double? PValue(ReadOnlySpan<double> baseline, ReadOnlySpan<double> variant, int seed, int draws = 10_000)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 100);
        var differences = Array.FindAll(Observations.Differences(baseline, variant), difference => difference != 0);
        if (differences.Length == 0)
        {
            return null;
        }

        // Sums of the same numbers differ in their last digits.
        var extreme = Math.Abs(differences.Sum()) - (1e-9 * differences.Sum(Math.Abs));
        return differences.Length <= ExactPairs ? Exact(differences, extreme) : Sampled(differences, extreme, seed, draws);
    }

    // In the order of a Gray code one sign changes at a time. The first stays as it is: all signs turned, the sum is as far from zero.
    private static double Exact(double[] differences, double extreme)
    {
        var sum = differences.Sum();
        var signs = 1L << (differences.Length - 1);
        var found = 1L;
        for (var step = 1L; step < signs; step++)
        {
            var turned = long.TrailingZeroCount(step) + 1;
            differences[turned] = -differences[turned];
            sum += 2 * differences[turned];
            found += Math.Abs(sum) >= extreme ? 1 : 0;
        }

        return (double)found / signs;
    }

    private static double Sampled(double[] differences, double extreme, int seed, int draws)
    {
        var random = new Random(seed);
        var found = 1;
        for (var draw = 0; draw < draws; draw++)
        {
            var (sum, bits) = (0.0, 0L);
            for (var pair = 0; pair < differences.Length; pair++)
            {
                bits = pair % 32 == 0 ? random.NextInt64(1L << 32) : bits >> 1;
                sum += (bits & 1) == 0 ? differences[pair] : -differences[pair];
            }

            found += Math.Abs(sum) >= extreme ? 1 : 0;
        }

        return (double)found / (draws + 1);
    }
}
