namespace LlmOps.Gateway.Statistics;

/// <summary>The smallest difference that a test of these numbers would find with the given power: what "no difference seen" leaves open.</summary>
internal static class DetectableEffect
{
    /// <summary>
    /// Of Welch's test: (t(1 - alpha/2) + t(power)) standard errors (Cohen 1988, chapter 2, with t in place of z, which a few values need).
    /// </summary>
    /// <param name="baseline">What is compared with.</param>
    /// <param name="variant">What is compared.</param>
    /// <param name="alpha">The test's level, two-sided; above 0, below 1.</param>
    /// <param name="power">How probably the difference is to be found; at least 0.5, below 1.</param>
    /// <returns>In the unit of the values, above zero; null where the test has too little data.</returns>
    public static double? OfMeans(Moments baseline, Moments variant, double alpha = 0.05, double power = 0.8)
    {
        if (WelchTest.Compare(baseline, variant) is not { } comparison)
        {
            return null;
        }

        var error = Math.Sqrt((baseline.Variance!.Value / baseline.Count) + (variant.Variance!.Value / variant.Count));
        return error * (Distributions.StudentCritical(1 - alpha, comparison.DegreesOfFreedom) + Distributions.StudentCritical(Sided(power), comparison.DegreesOfFreedom));
    }

    /// <summary>
    /// Of the pooled z test, the smallest increase over a rate: where it is z(1 - alpha/2) standard errors under no difference plus z(power) ones under
    /// it (Fleiss 1981, eq. 3.14, solved for the difference). The smallest decrease is that of 1 - rate.
    /// </summary>
    /// <param name="rate">The baseline's, 0 to 1.</param>
    /// <param name="baselineCount">How many observations the baseline has.</param>
    /// <param name="variantCount">And the variant.</param>
    /// <param name="alpha">The test's level, two-sided; above 0, below 1.</param>
    /// <param name="power">How probably the difference is to be found; at least 0.5, below 1.</param>
    /// <returns>Above 0, at most 1 - rate; null where there are no observations, or not even a rate of 1 would be found.</returns>
    public static double? OfProportions(double rate, long baselineCount, long variantCount, double alpha = 0.05, double power = 0.8)
    {
        if (rate is not (>= 0 and < 1) || baselineCount < 1 || variantCount < 1)
        {
            return null;
        }

        var (level, found) = (Distributions.NormalCritical(1 - alpha), Distributions.NormalCritical(Sided(power)));
        double Excess(double effect)
        {
            var other = rate + effect;
            var pooled = ((rate * baselineCount) + (other * variantCount)) / ((double)baselineCount + variantCount);
            return effect
                - (level * Math.Sqrt(pooled * (1 - pooled) * ((1.0 / baselineCount) + (1.0 / variantCount))))
                - (found * Math.Sqrt((rate * (1 - rate) / baselineCount) + (Math.Max(0, other * (1 - other)) / variantCount)));
        }

        var (low, high) = (0.0, 1 - rate);
        if (Excess(high) < 0)
        {
            return null;
        }

        for (var step = 0; step < 60; step++)
        {
            var middle = (low + high) / 2;
            (low, high) = Excess(middle) < 0 ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>The confidence whose critical value is that of one tail of 1 - power.</summary>
    public static double Sided(double power) =>
        power is >= 0.5 and < 1 ? Math.Max((2 * power) - 1, 1e-12) : throw new ArgumentOutOfRangeException(nameof(power), power, "A power lies between 0.5 and 1.");
}
