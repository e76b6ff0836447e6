using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Comparison;

/// <summary>A comparison before it is held against the others of its family.</summary>
/// <param name="Baseline">The baseline's name.</param>
/// <param name="Variant">The variant's.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Tag">The tag whose cases these are; null for all.</param>
/// <param name="Pairs">The cases.</param>
/// <param name="Findings">What the test says; null for too few cases.</param>
internal sealed record ComparisonDraft(string Baseline, string Variant, Metric Metric, string? Tag, CasePairs Pairs, PairFindings? Findings)
{
    /// <summary>Tests the cases, if there are enough.</summary>
    public static ComparisonDraft Of(string baseline, string variant, Metric metric, string? tag, CasePairs pairs, ComparisonSettings settings) =>
        new(baseline, variant, metric, tag, pairs, pairs.Count >= Math.Max(2, settings.MinCases) ? PairTests.Of(metric.Kind, pairs, settings) : null);

    /// <summary>The comparisons of a family, corrected for each other.</summary>
    public static IEnumerable<MetricComparison> Complete(IReadOnlyList<ComparisonDraft> family, ComparisonSettings settings)
    {
        double?[] pValues = [.. family.Select(draft => draft.Findings?.PValue)];
        var adjusted = HolmCorrection.Adjust(pValues);
        var known = pValues.Count(pValue => pValue is not null);
        return family.Select((draft, index) => draft.Complete(adjusted[index], known + (pValues[index] is null ? 1 : 0), settings));
    }

    private MetricComparison Complete(double? adjusted, int comparisons, ComparisonSettings settings)
    {
        var (baseline, variant) = Pairs.Count == 0
            ? (default(double?), default(double?))
            : (WeightedMean.Of(Pairs.Baseline, Pairs.Weights).Mean, WeightedMean.Of(Pairs.Variant, Pairs.Weights).Mean);
        var level = settings.Level / comparisons;
        var isHigherBetter = Metric.Direction == MetricDirection.HigherIsBetter;
        var (above, below) = (Pairs.Differences.Count(difference => difference > 0), Pairs.Differences.Count(difference => difference < 0));
        var comparison = new MetricComparison
        {
            Baseline = Baseline,
            Variant = Variant,
            Metric = Metric.Name,
            Tag = Tag,
            Cases = Pairs.Count,
            Missing = Pairs.Missing,
            BaselineMean = baseline,
            VariantMean = variant,
            Difference = Findings?.Difference ?? variant - baseline,
            Interval = Findings?.Interval,
            Test = Findings?.Test,
            PValue = Findings?.PValue,
            ExactPValue = Findings?.ExactPValue,
            AdjustedPValue = adjusted,
            EffectSize = Findings?.EffectSize,
            EffectSizeName = Findings?.EffectSize is null ? null : Findings.EffectSizeName,
            Wins = isHigherBetter ? above : below,
            Ties = Pairs.Count - above - below,
            Losses = isHigherBetter ? below : above,
            DetectableDifference = Findings?.Detectable(level),
            CasesNeeded = settings.Detect.TryGetValue(Metric.Name, out var difference) ? Findings?.Needed(difference, level) : null,
            Verdict = Verdict(adjusted, settings),
            Words = "",
        };
        return comparison with { Words = new VerdictWords(Metric, settings, comparisons).Of(comparison) };
    }

    private Verdict Verdict(double? adjusted, ComparisonSettings settings) => Findings switch
    {
        null => Results.Verdict.TooFewCases,
        { Direction: not 0 } when adjusted <= settings.Level => Findings.Direction > 0 == (Metric.Direction == MetricDirection.HigherIsBetter) ? Results.Verdict.Better : Results.Verdict.Worse,
        _ => Results.Verdict.NoDifference,
    };
}
