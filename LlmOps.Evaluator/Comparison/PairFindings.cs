using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Comparison;

/// <summary>What a test of pairs says, before it is corrected for other ones.</summary>
internal abstract record PairFindings
{
    /// <summary>sign_flip, mcnemar_mid_p or wilcoxon.</summary>
    public required string Test { get; init; }

    /// <summary>Variant minus baseline.</summary>
    public required double Difference { get; init; }

    /// <summary>Of the difference; null where it does not vary.</summary>
    public Interval? Interval { get; init; }

    /// <summary>Two-sided; null where no case differs.</summary>
    public double? PValue { get; init; }

    /// <summary>Of the exact test, where the p-value is its mid-p; null for other tests.</summary>
    public double? ExactPValue { get; init; }

    /// <summary>Above 0 where the variant has more, below where it has less.</summary>
    public required double Direction { get; init; }

    /// <summary>Null where none can be had.</summary>
    public double? EffectSize { get; init; }

    /// <summary>cohens_dz, cohens_g or rank_biserial.</summary>
    public required string EffectSizeName { get; init; }

    /// <summary>The smallest difference that these cases show with <see cref="ComparisonSettings.Power"/> at a level; null where none can be had.</summary>
    public abstract double? Detectable(double level);

    /// <summary>The cases that it takes to see a difference with this power at a level; null where it cannot be said.</summary>
    public abstract long? Needed(double difference, double level);
}

/// <summary>Of a mean difference or a shift, whose error is known.</summary>
/// <param name="StandardError">Of the difference; 0 where it does not vary.</param>
/// <param name="Count">Cases.</param>
internal sealed record MeanFindings(double StandardError, int Count) : PairFindings
{
    /// <inheritdoc/>
    public override double? Detectable(double level) => DetectableEffect.OfPairs(StandardError, Count - 1, level, ComparisonSettings.Power);

    /// <inheritdoc/>
    public override long? Needed(double difference, double level) => SampleSize.ForPairs(StandardError * Math.Sqrt(Count), difference, level, ComparisonSettings.Power);
}

/// <summary>Of two rates over the same cases.</summary>
/// <param name="Differing">The share of cases that one passed, and the other did not.</param>
/// <param name="Count">Cases.</param>
internal sealed record RateFindings(double Differing, int Count) : PairFindings
{
    /// <inheritdoc/>
    public override double? Detectable(double level) => DetectableEffect.OfPairedRates(Differing, Count, level, ComparisonSettings.Power);

    /// <inheritdoc/>
    public override long? Needed(double difference, double level) => SampleSize.ForPairedRates(Differing, difference, level, ComparisonSettings.Power);
}
