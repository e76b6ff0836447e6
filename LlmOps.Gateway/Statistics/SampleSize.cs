namespace LlmOps.Gateway.Statistics;

/// <summary>How many observations each of two groups, or how many pairs, it takes for a difference to be found.</summary>
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

    /// <summary>For the mean of pairs: (z(1 - alpha/2) + z(power))² / d² plus z² / 2, as the variance is estimated (Guenther 1981).</summary>
    /// <param name="standardDeviation">Of the differences, in their unit, above 0.</param>
    /// <param name="effect">The mean difference, in the same unit; its sign does not matter.</param>
    /// <param name="alpha">The test's level, two-sided; above 0, below 1.</param>
    /// <param name="power">How probably the difference is to be found; at least 0.5, below 1.</param>
    /// <returns>Pairs; null where there is no effect or no deviation, or more than <see cref="long"/> holds.</returns>
    public static long? ForPairs(double standardDeviation, double effect, double alpha = 0.05, double power = 0.8)
    {
        var level = Distributions.NormalCritical(1 - alpha);
        var ratio = (level + Distributions.NormalCritical(DetectableEffect.Sided(power))) * standardDeviation / Math.Abs(effect);
        return standardDeviation > 0 ? Whole((ratio * ratio) + (level * level / 2)) : null;
    }

    /// <summary>For two rates over the same cases (Connor 1987; Miettinen 1968), by McNemar's test without continuity correction.</summary>
    /// <param name="differing">The share of cases that one of both passes, and the other does not; 0 to 1. Where it is below the effect, the effect: all differ in its direction.</param>
    /// <param name="effect">The difference of the rates, up to 1; its sign does not matter.</param>
    /// <param name="alpha">The test's level, two-sided; above 0, below 1.</param>
    /// <param name="power">How probably the difference is to be found; at least 0.5, below 1.</param>
    /// <returns>Cases; null where there is no effect or it is no difference of rates, or more than <see cref="long"/> holds.</returns>
    public static long? ForPairedRates(double differing, double effect, double alpha = 0.05, double power = 0.8)
    {
        var size = Math.Abs(effect);
        if (differing is not (>= 0 and <= 1) || size is not (> 0 and <= 1))
        {
            return null;
        }

        var share = Math.Max(differing, size);
        var root = ((Distributions.NormalCritical(1 - alpha) * Math.Sqrt(share)) + (Distributions.NormalCritical(DetectableEffect.Sided(power)) * Math.Sqrt(share - (size * size)))) / size;
        return Whole(root * root);
    }

    private static long? Whole(double count) => count < 1e18 ? Math.Max(2, (long)Math.Ceiling(count)) : null;
}
