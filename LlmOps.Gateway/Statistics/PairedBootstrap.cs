namespace LlmOps.Gateway.Statistics;

/// <summary>Compares means of pairs by resampling the pairs (Efron 1979).</summary>
internal static class PairedBootstrap
{
    /// <summary>
    /// The mean difference with its percentile interval, and a p-value from the share of draws beyond zero. Time grows with draws times pairs; for
    /// few pairs, below some thirty, the interval is too narrow, and that of the t test the better one.
    /// </summary>
    /// <param name="baseline">One value of each pair.</param>
    /// <param name="variant">The other ones, in the same order; as many.</param>
    /// <param name="seed">The same seed gives the same result.</param>
    /// <param name="draws">How many resamples, at least 100.</param>
    /// <param name="confidence">Of the interval: above 0, below 1.</param>
    /// <returns>Null for fewer than two pairs, or where all differences are the same.</returns>
    public static Comparison? Compare(ReadOnlySpan<double> baseline, ReadOnlySpan<double> variant, int seed, int draws = QuantileTest.DefaultDraws, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 100);
        var differences = Observations.Differences(baseline, variant);
        if (differences.Length < 2 || !differences.AsSpan().ContainsAnyExcept(differences[0]))
        {
            return null;
        }

        var random = new Random(seed);
        var means = new double[draws];
        for (var draw = 0; draw < draws; draw++)
        {
            var sum = 0.0;
            for (var pair = 0; pair < differences.Length; pair++)
            {
                sum += differences[random.Next(differences.Length)];
            }

            means[draw] = sum / differences.Length;
        }

        return Bootstrap.Of(Moments.Of(differences).Mean, means, confidence);
    }
}
