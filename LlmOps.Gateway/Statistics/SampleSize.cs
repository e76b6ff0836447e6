namespace LlmOps.Gateway.Statistics;

/// <summary>How many observations each of two groups needs for a difference to be found.</summary>
internal static class SampleSize
{
    /// <summary>For means that differ by an effect: 2 (z(1 - alpha/2) + z(power))² / d² plus z² / 4, as the variances are estimated (Guenther 1981).</summary>
    /// <param name="standardDeviation">Of the values, in their unit, above 0.</param>
    /// <param name="effect">The difference, in the same unit; its sign does not matter.</param>
    /// <param name="alpha">The test's level, two-sided; above 0, below 1.</param>
    /// <param name="power">How probably the difference is to be found; at least 0.5, below 1.</param>
    /// <returns>Per group; null where there is no effect or no deviation, or more than <see cref="long"/> holds.</returns>
    public static long? ForMeans(double standardDeviation, double effect, double alpha = 0.05, double power = 0.8)
    {
        var level = Distributions.NormalCritical(1 - alpha);
        var ratio = (level + Distributions.NormalCritical(DetectableEffect.Sided(power))) * standardDeviation / Math.Abs(effect);
        return standardDeviation > 0 ? Whole((2 * ratio * ratio) + (level * level / 4)) : null;
    }

    /// <summary>For two rates (Fleiss 1981, eq. 3.14, without continuity correction), by the pooled z test.</summary>
    /// <param name="baseline">One rate, 0 to 1.</param>
    /// <param name="variant">The other one, 0 to 1.</param>
    /// <param name="alpha">The test's level, two-sided; above 0, below 1.</param>
    /// <param name="power">How probably the difference is to be found; at least 0.5, below 1.</param>
    /// <returns>Per group; null where the rates are the same or no rates, or more than <see cref="long"/> holds.</returns>
    public static long? ForProportions(double baseline, double variant, double alpha = 0.05, double power = 0.8)
    {
        if (baseline is not (>= 0 and <= 1) || variant is not (>= 0 and <= 1))
        {
            return null;
        }

        var pooled = (baseline + variant) / 2;
        var root = ((Distributions.NormalCritical(1 - alpha) * Math.Sqrt(2 * pooled * (1 - pooled)))
            + (Distributions.NormalCritical(DetectableEffect.Sided(power)) * Math.Sqrt((baseline * (1 - baseline)) + (variant * (1 - variant))))) / (variant - baseline);
        return Whole(root * root);
    }

    private static long? Whole(double count) => count < 1e18 ? Math.Max(2, (long)Math.Ceiling(count)) : null;
}
