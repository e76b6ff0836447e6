using MathNet.Numerics;

namespace LlmOps.Gateway.Statistics;

/// <summary>Fisher's exact test of two proportions, given how many successes there are in both (Fisher 1935).</summary>
internal static class FisherExactTest
{
    // Tables as probable as the observed one, but for rounding, are as extreme.
    private const double Rounding = 1 + 1e-7;

    /// <summary>The two-sided p-value, 0 to 1: the sum over all tables at most as probable as this one; 1 where either has no observations.</summary>
    public static double PValue(Proportion baseline, Proportion variant)
    {
        if (!baseline.IsKnown || !variant.IsKnown)
        {
            return 1;
        }

        var successes = baseline.Successes + variant.Successes;
        var lowest = Math.Max(0, successes - baseline.Count);
        var highest = Math.Min(successes, variant.Count);
        var all = LogChoose(baseline.Count + variant.Count, successes);
        double Probability(long ofVariant) => Math.Exp(LogChoose(variant.Count, ofVariant) + LogChoose(baseline.Count, successes - ofVariant) - all);

        var observed = Probability(variant.Successes) * Rounding;
        var sum = 0.0;
        for (var ofVariant = lowest; ofVariant <= highest; ofVariant++)
        {
            var probability = Probability(ofVariant);
            sum += probability <= observed ? probability : 0;
        }

        return Math.Min(1, sum);
    }

    private static double LogChoose(long count, long chosen) => SpecialFunctions.GammaLn(count + 1.0) - SpecialFunctions.GammaLn(chosen + 1.0) - SpecialFunctions.GammaLn(count - chosen + 1.0);
}
