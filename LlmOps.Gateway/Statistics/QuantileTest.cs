namespace LlmOps.Gateway.Statistics;

/// <summary>Compares a quantile of two independent samples, such as the p95 of two latencies, by the bootstrap.</summary>
internal static class QuantileTest
{
    /// <summary>How many draws are made unless said otherwise: enough for two digits of the interval's ends.</summary>
    public const int DefaultDraws = 4_000;

    // Fewer values beyond the quantile, and the sample's largest ones are all that the bootstrap has to say of the tail.
    private const double LeastBeyond = 10;

    /// <summary>
    /// The difference of the quantiles with its percentile interval (Efron 1979; Davison, Hinkley 1997, section 5.3) and a p-value from the share of
    /// draws on the other side of zero, counted with the observed one (Davison, Hinkley 1997, eq. 4.11). Time grows with the number of draws, and with
    /// sorting alone with that of values.
    /// </summary>
    /// <param name="baseline">What is compared with.</param>
    /// <param name="variant">What is compared.</param>
    /// <param name="probability">Which quantile, above 0, below 1.</param>
    /// <param name="seed">The same seed gives the same result.</param>
    /// <param name="draws">How many resamples of each, at least 100.</param>
    /// <param name="confidence">Of the interval: above 0, below 1.</param>
    /// <returns>Null where fewer than 10 values of either are expected on a side of the quantile (20 for a median, 200 for a p95, 1,000 for a p99), or all of each are equal.</returns>
    public static Comparison? Compare(ReadOnlySpan<double> baseline, ReadOnlySpan<double> variant, double probability, int seed, int draws = DefaultDraws, double confidence = 0.95)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 100);
        var (x, y) = (Observations.Sorted(baseline), Observations.Sorted(variant));

        // With some room for rounding: 0.05 is not quite 1 - 0.95.
        if (probability is not (> 0 and < 1) || Math.Min(x.Length, y.Length) * Math.Min(probability, 1 - probability) < LeastBeyond - 1e-6 || (x[0] == x[^1] && y[0] == y[^1]))
        {
            return null;
        }

        var random = new Random(seed);
        var (ofBaseline, ofVariant) = (new QuantileBootstrap(x, probability), new QuantileBootstrap(y, probability));
        var differences = new double[draws];
        for (var draw = 0; draw < draws; draw++)
        {
            differences[draw] = ofVariant.Draw(random) - ofBaseline.Draw(random);
        }

        return Bootstrap.Of(Quantiles.OfSorted(y, probability) - Quantiles.OfSorted(x, probability), differences, confidence);
    }
}
