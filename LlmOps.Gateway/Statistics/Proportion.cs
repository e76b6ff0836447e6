namespace LlmOps.Gateway.Statistics;

/// <summary>How many of some did.</summary>
/// <param name="Successes">Those that did, 0 to <paramref name="Count"/>.</param>
/// <param name="Count">All of them.</param>
internal readonly record struct Proportion(long Successes, long Count)
{
    /// <summary>Whether there are any, and not more successes than that.</summary>
    public bool IsKnown => Count > 0 && Successes >= 0 && Successes <= Count;

    /// <summary>The share of successes, 0 to 1; null where it is not known.</summary>
    public double? Rate => IsKnown ? (double)Successes / Count : null;

    /// <summary>The same as count, mean and deviations of ones and zeros, for what compares means; those of no values where it is not known.</summary>
    public Moments Moments => Rate is { } rate ? new Moments(Count, rate, Successes * (1 - rate)) : default;

    /// <summary>The interval of the true rate, within 0 to 1 (Wilson 1927; Newcombe 1998, "Two-sided confidence intervals for the single proportion", method 3); null where there are none.</summary>
    /// <param name="confidence">Above 0, below 1.</param>
    public Interval? Interval(double confidence = 0.95)
    {
        if (Rate is not { } rate)
        {
            return null;
        }

        var z = Distributions.NormalCritical(confidence);
        var (n, square) = ((double)Count, z * z);
        var centre = rate + (square / (2 * n));
        var half = z * Math.Sqrt(((rate * (1 - rate)) + (square / (4 * n))) / n);
        var scale = 1 + (square / n);

        // What rounding leaves of a zero is not to stand in a report.
        return new Interval(Successes == 0 ? 0 : Math.Max(0, (centre - half) / scale), Successes == Count ? 1 : Math.Min(1, (centre + half) / scale));
    }
}
