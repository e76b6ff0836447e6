using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Comparison;

/// <summary>The test that fits a metric's values.</summary>
internal static class PairTests
{
    /// <summary>Random signs, or all of them, with the mid-p: of means.</summary>
    public const string SignFlip = "sign_flip";

    /// <summary>McNemar's, with the mid-p: of passes.</summary>
    public const string McNemar = "mcnemar_mid_p";

    /// <summary>Signed ranks: of amounts.</summary>
    public const string Wilcoxon = "wilcoxon";

    /// <summary>
    /// Tests pairs. Where cases count differently, or repeats make a rate out of passes, counts and ranks do not say it any more, and means are compared.
    /// </summary>
    /// <param name="kind">What values these are.</param>
    /// <param name="pairs">At least two.</param>
    /// <param name="settings">How they are compared.</param>
    public static PairFindings Of(MetricKind kind, CasePairs pairs, ComparisonSettings settings) => kind switch
    {
        MetricKind.Pass when !pairs.IsWeighted && pairs.Baseline.Concat(pairs.Variant).All(value => value is 0 or 1) => Passes(pairs, settings),
        MetricKind.Amount when !pairs.IsWeighted => Amounts(pairs, settings),
        _ => Means(pairs, settings),
    };

    private static MeanFindings Means(CasePairs pairs, ComparisonSettings settings)
    {
        var mean = WeightedMean.Of(pairs.Differences, pairs.Weights);
        double[] weighted = [.. pairs.Differences.Zip(pairs.Weights, (difference, weight) => difference * weight)];
        var test = SignFlipTest.Test(weighted, settings.Seed);
        var varies = pairs.Differences.AsSpan().ContainsAnyExcept(pairs.Differences[0]);
        return new MeanFindings(varies ? mean.StandardError : 0, pairs.Count)
        {
            Test = SignFlip,
            Difference = mean.Mean,
            Interval = BcaBootstrap.OfMean(pairs.Differences, pairs.Weights, settings.Seed, settings.Confidence),
            PValue = test?.PValue,
            ExactPValue = test?.ExactPValue,
            Direction = mean.Mean,
            EffectSize = varies ? EffectSize.CohensDz(mean.Mean, mean.StandardDeviation) : null,
            EffectSizeName = "cohens_dz",
        };
    }

    private static RateFindings Passes(CasePairs pairs, ComparisonSettings settings)
    {
        var (onlyBaseline, onlyVariant) = (pairs.Differences.Count(difference => difference < 0), pairs.Differences.Count(difference => difference > 0));
        var differing = onlyBaseline + onlyVariant;
        var comparison = McNemarTest.Compare(onlyBaseline, onlyVariant, pairs.Count, settings.Confidence)!;
        return new RateFindings((double)differing / pairs.Count, pairs.Count)
        {
            Test = McNemar,
            Difference = comparison.Difference,
            Interval = comparison.Interval,
            PValue = differing > 0 ? comparison.PValue : null,
            ExactPValue = differing > 0 ? comparison.ExactPValue : null,
            Direction = comparison.Difference,
            EffectSize = EffectSize.CohensG(onlyBaseline, onlyVariant),
            EffectSizeName = "cohens_g",
        };
    }

    // A few outliers make the mean's error many times what it is in the rest, which ranks do not mind: so the shift's own error tells what would be seen. Where most
    // cases do not differ it has none, and the mean's has to do.
    private static MeanFindings Amounts(CasePairs pairs, ComparisonSettings settings)
    {
        var comparison = SignedRankTest.Compare(new double[pairs.Count], pairs.Differences, settings.Confidence);
        var biserial = comparison is null ? null : EffectSize.RankBiserial(comparison.Statistic, pairs.Differences.Count(difference => difference != 0));
        var error = comparison?.Interval is { Width: > 0 } interval
            ? HodgesLehmann.StandardError(interval, settings.Confidence)
            : WeightedMean.Of(pairs.Differences, pairs.Weights).StandardError;
        return new MeanFindings(error, pairs.Count)
        {
            Test = Wilcoxon,
            Difference = comparison?.Shift ?? 0,
            Interval = comparison?.Interval,
            PValue = comparison?.PValue,
            Direction = biserial ?? 0,
            EffectSize = biserial,
            EffectSizeName = "rank_biserial",
        };
    }
}
