namespace LlmOps.Gateway.Statistics;

/// <summary>The smallest difference that a test of these numbers would find with the given power: what "no difference seen" leaves open.</summary>
internal static class DetectableEffect
{
    /// <summary>Up to so many cases that differ the power of McNemar's test is counted out, in some milliseconds.</summary>
    public const int CountedOut = 50;

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

        return Least(1 - rate, Excess);
    }

    /// <summary>
    /// Of the mean of pairs: (t(1 - alpha/2) + t(power)) standard errors (Cohen 1988, section 2.3, with t in place of z, which a few pairs need). Also of the
    /// signed-rank test, by the standard error of its shift (<see cref="HodgesLehmann.StandardError"/>).
    /// </summary>
    /// <param name="standardError">Of the mean difference, in its unit.</param>
    /// <param name="degreesOfFreedom">Pairs minus one.</param>
    /// <param name="alpha">The test's level, two-sided; above 0, below 1.</param>
    /// <param name="power">How probably the difference is to be found; at least 0.5, below 1.</param>
    /// <returns>In the same unit, above zero; null where there is no error above zero, or no degree of freedom.</returns>
    public static double? OfPairs(double standardError, double degreesOfFreedom, double alpha = 0.05, double power = 0.8) =>
        standardError > 0 && degreesOfFreedom > 0
            ? standardError * (Distributions.StudentCritical(1 - alpha, degreesOfFreedom) + Distributions.StudentCritical(Sided(power), degreesOfFreedom))
            : null;

    /// <summary>
    /// Of McNemar's test: the difference of two rates that is z(1 - alpha/2) standard errors under no difference plus z(power) ones under it (Connor 1987,
    /// solved for the difference; Miettinen 1968). Where it makes no more than <see cref="CountedOut"/> cases differ, by the test's exact power instead. A difference
    /// larger than the share of cases that differ makes more of them differ, all in its direction.
    /// </summary>
    /// <param name="differing">The share of cases that one of both passed, and the other did not; 0 to 1.</param>
    /// <param name="cases">All cases.</param>
    /// <param name="alpha">The test's level, two-sided; above 0, below 1.</param>
    /// <param name="power">How probably the difference is to be found; at least 0.5, below 1.</param>
    /// <returns>Above 0, at most 1; null where there are no cases, or not even a difference of 1 would be found.</returns>
    public static double? OfPairedRates(double differing, long cases, double alpha = 0.05, double power = 0.8)
    {
        if (differing is not (>= 0 and <= 1) || cases < 1)
        {
            return null;
        }

        var (level, found) = (Distributions.NormalCritical(1 - alpha), Distributions.NormalCritical(Sided(power)));
        var approximate = Least(1, effect =>
        {
            var share = Math.Max(differing, effect);
            return (effect * Math.Sqrt(cases)) - (level * Math.Sqrt(share)) - (found * Math.Sqrt(share - (effect * effect)));
        });
        if (approximate is not { } known || Math.Max(differing, known) * cases > CountedOut)
        {
            return approximate;
        }

        var test = new McNemarPower(alpha);
        return Least(1, effect => test.Of(Math.Max(differing, effect), effect, (int)cases) - power);
    }

    /// <summary>The confidence whose critical value is that of one tail of 1 - power.</summary>
    public static double Sided(double power) =>
        power is >= 0.5 and < 1 ? Math.Max((2 * power) - 1, 1e-12) : throw new ArgumentOutOfRangeException(nameof(power), power, "A power lies between 0.5 and 1.");

    // Where what grows from below zero becomes zero, between 0 and the largest; null where it never does.
    private static double? Least(double largest, Func<double, double> excess)
    {
        var (low, high) = (0.0, largest);
        if (excess(high) < 0)
        {
            return null;
        }

        for (var step = 0; step < 40; step++)
        {
            var middle = (low + high) / 2;
            (low, high) = excess(middle) < 0 ? (middle, high) : (low, middle);
        }

        return high;
    }
}
