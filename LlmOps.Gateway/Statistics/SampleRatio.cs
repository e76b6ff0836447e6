using MathNet.Numerics;

namespace LlmOps.Gateway.Statistics;

/// <summary>Holds the counts of variants against their weights: where they do not fit, who got which variant was no chance, and nothing else of the experiment is to be believed.</summary>
internal static class SampleRatio
{
    // Cochran 1954, as for proportions.
    private const double LeastExpected = 5;

    // How many requests the prior stands for: about where the always-valid test is at its best, as small deviations only show in thousands.
    private const double Concentration = 1_000;

    /// <summary>
    /// Pearson's chi-square (1900), and the always-valid p-value for multinomial counts: the inverse Bayes factor with a Dirichlet prior around
    /// the weights (Lindon, Malek 2022, "Anytime-valid inference for multinomial count data").
    /// </summary>
    /// <param name="counts">What each variant got.</param>
    /// <param name="weights">What each was to get, in any unit; at least 0, and as many as counts.</param>
    /// <returns>Null for fewer than two variants with a weight, fewer than 5 expected for one of them, or numbers that cannot be. A count where the weight is zero is a mismatch beyond doubt.</returns>
    public static SampleRatioResult? Test(IReadOnlyList<long> counts, IReadOnlyList<double> weights)
    {
        var weight = weights.Sum();
        if (counts.Count != weights.Count || !double.IsFinite(weight) || weights.Any(each => !(each >= 0)) || counts.Any(count => count < 0))
        {
            return null;
        }

        double all = counts.Sum();
        var degrees = weights.Count(each => each > 0) - 1;
        var (chiSquare, logFactor) = (0.0, SpecialFunctions.GammaLn(Concentration) - SpecialFunctions.GammaLn(Concentration + all));
        if (degrees < 1)
        {
            return null;
        }

        for (var variant = 0; variant < counts.Count; variant++)
        {
            var (count, share) = ((double)counts[variant], weights[variant] / weight);
            if (share == 0)
            {
                if (count > 0)
                {
                    return new SampleRatioResult(null, degrees, 0, 0);
                }

                continue;
            }

            var expected = all * share;
            if (expected < LeastExpected)
            {
                return null;
            }

            chiSquare += (count - expected) * (count - expected) / expected;
            logFactor += SpecialFunctions.GammaLn((Concentration * share) + count) - SpecialFunctions.GammaLn(Concentration * share) - (count * Math.Log(share));
        }

        return new SampleRatioResult(chiSquare, degrees, Distributions.ChiSquareTail(chiSquare, degrees), Math.Min(1, Math.Exp(-logFactor)));
    }
}
