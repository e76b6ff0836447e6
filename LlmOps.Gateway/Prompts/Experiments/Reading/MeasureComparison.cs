using LlmOps.Gateway.Statistics;

namespace LlmOps.Gateway.Prompts.Experiments.Reading;

/// <summary>A variant compared with the first by one measure.</summary>
/// <param name="Measure">The measure's name; latency_ms.p95 for its quantile.</param>
/// <param name="Test">What the p-value is of; null where there is too little to say.</param>
/// <param name="Baseline">Units of the first that have a value.</param>
/// <param name="Variant">Units of the variant.</param>
/// <param name="Result">The difference, variant minus first; null where there is too little to say.</param>
/// <param name="DetectableEffect">The least true difference that would be found with these numbers 80 times of 100 at 0.05; null where that is not known.</param>
/// <param name="Sequential">The difference with an interval and a p-value that hold however often one looks; null while there is too little.</param>
internal sealed record MeasureComparison(string Measure, string? Test, int Baseline, int Variant, Comparison? Result, double? DetectableEffect, Comparison? Sequential)
{
    /// <summary>Variant minus first: the result's, or that of means where nothing can be said of it; null where either has no values.</summary>
    public double? Difference { get; init; } = Result?.Difference;

    /// <summary>The p-value with Holm's correction for all of the report; null without one.</summary>
    public double? HolmPValue { get; init; }

    /// <summary>The same of the one that holds however often one looks.</summary>
    public double? SequentialHolmPValue { get; init; }
}

/// <summary>Compares variants, each measure by the test that fits it.</summary>
internal static class VariantComparison
{
    private const double TailProbability = 0.95;

    // Looked at by the same people, at the same requests, the same draws make the same report.
    private const int Seed = 20_260_101;

    /// <summary>All that is compared.</summary>
    public static IReadOnlyList<MeasureComparison> Of(VariantReading baseline, VariantReading variant) =>
    [
        Rate(Measure.ErrorRate, baseline, variant, baseline.HasSingleRequests && variant.HasSingleRequests),
        Ranked(Measure.LatencyMs, baseline, variant),
        Tail(Measure.LatencyMs, baseline, variant),
        Mean(Measure.Tokens, baseline, variant),
        Mean(Measure.CostUsd, baseline, variant),
        Rate(Measure.Feedback, baseline, variant, baseline.ScoresAreBinary && variant.ScoresAreBinary),
    ];

    // Zeros and ones, unless a unit has several requests, so that its value is a share.
    private static MeasureComparison Rate(Measure measure, VariantReading baseline, VariantReading variant, bool isBinary)
    {
        var (before, after) = (baseline.ValuesOf(measure), variant.ValuesOf(measure));
        if (!isBinary || before.Concat(after).Any(value => value is not (0 or 1)))
        {
            return Mean(measure, baseline, variant);
        }

        Proportion left = new(before.Count(value => value == 1), before.Count), right = new(after.Count(value => value == 1), after.Count);
        if (ProportionTest.Compare(left, right) is not { } compared)
        {
            return Nothing(measure.NameOf(), baseline.ArrayOf(measure), variant.ArrayOf(measure));
        }

        return new MeasureComparison(
            measure.NameOf(), compared.IsExact ? "fisher" : "two_proportion_z", before.Count, after.Count, new Comparison(compared.Difference, compared.Interval, compared.PValue),
            DetectableEffect.OfProportions(left.Rate!.Value, before.Count, after.Count), new ConfidenceSequence().Compare(baseline.MomentsOf(measure), variant.MomentsOf(measure)));
    }

    private static MeasureComparison Mean(Measure measure, VariantReading baseline, VariantReading variant)
    {
        Moments before = Moments.Of(baseline.ArrayOf(measure)), after = Moments.Of(variant.ArrayOf(measure));
        return WelchTest.Compare(before, after) is { } compared
            ? new MeasureComparison(
                measure.NameOf(), "welch_t", (int)before.Count, (int)after.Count, new Comparison(compared.Difference, compared.Interval, compared.PValue),
                DetectableEffect.OfMeans(before, after), new ConfidenceSequence().Compare(before, after))
            : Nothing(measure.NameOf(), baseline.ArrayOf(measure), variant.ArrayOf(measure));
    }

    // Latencies have long tails, which a mean follows: what is compared is where their values lie.
    private static MeasureComparison Ranked(Measure measure, VariantReading baseline, VariantReading variant)
    {
        double[] before = baseline.ArrayOf(measure), after = variant.ArrayOf(measure);
        return MannWhitneyTest.Compare(before, after) is { Interval: { } interval } compared
            ? new MeasureComparison(
                measure.NameOf(), "mann_whitney", before.Length, after.Length, new Comparison(compared.Shift, interval, compared.PValue),
                DetectableEffect.OfMeans(Moments.Of(before), Moments.Of(after)), new ConfidenceSequence().Compare(Moments.Of(before), Moments.Of(after)))
            : Nothing(measure.NameOf(), before, after);
    }

    private static MeasureComparison Tail(Measure measure, VariantReading baseline, VariantReading variant)
    {
        double[] before = baseline.ArrayOf(measure), after = variant.ArrayOf(measure);
        var name = $"{measure.NameOf()}.p95";
        return QuantileTest.Compare(before, after, TailProbability, Seed) is { } compared
            ? new MeasureComparison(name, "bootstrap", before.Length, after.Length, compared, null, null)
            : new MeasureComparison(name, null, before.Length, after.Length, null, null, null);
    }

    // Where no value differs from another of its variant, no test has anything to go by.
    private static MeasureComparison Nothing(string measure, double[] baseline, double[] variant) => new(measure, null, baseline.Length, variant.Length, null, null, null)
    {
        Difference = baseline.Length > 0 && variant.Length > 0 ? variant.Average() - baseline.Average() : null,
    };
}
