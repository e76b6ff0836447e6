namespace LlmOps.Gateway.Statistics;

/// <summary>What follows from the differences that resamples have.</summary>
internal static class Bootstrap
{
    /// <summary>The percentile interval, and a p-value: twice the smaller share of draws at or beyond zero, the observed one counted among them (Davison, Hinkley 1997, eq. 4.11).</summary>
    /// <param name="difference">The observed one.</param>
    /// <param name="draws">Those of the resamples; sorted by this.</param>
    /// <param name="confidence">Above 0, below 1.</param>
    public static Comparison Of(double difference, double[] draws, double confidence)
    {
        Array.Sort(draws);
        var tail = (1 - confidence) / 2;
        var (notAbove, notBelow) = (0, 0);
        foreach (var draw in draws)
        {
            notAbove += draw <= 0 ? 1 : 0;
            notBelow += draw >= 0 ? 1 : 0;
        }

        return new Comparison(
            difference,
            new Interval(Quantiles.OfSorted(draws, tail), Quantiles.OfSorted(draws, 1 - tail)),
            Math.Min(1, 2.0 * (Math.Min(notAbove, notBelow) + 1) / (draws.Length + 1)));
    }
}
