using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Comparison;

/// <summary>Variants by themselves.</summary>
internal static class Summaries
{
    /// <summary>The variants by a metric. One that compares two answers says nothing of the baseline alone.</summary>
    /// <param name="metric">The metric.</param>
    /// <param name="variants">The baseline first.</param>
    /// <param name="cases">The cases with their scores.</param>
    /// <param name="settings">Confidence and seed.</param>
    public static IEnumerable<MetricSummary> Of(Metric metric, IReadOnlyList<Variant> variants, IReadOnlyList<CaseResult> cases, ComparisonSettings settings) =>
        variants.Skip(metric.IsPairwise ? 1 : 0).Select(variant => Of(metric, variant.Name, cases, CaseScore.Of(cases, metric, variant.Name, variants[0].Name), settings));

    private static MetricSummary Of(Metric metric, string variant, IReadOnlyList<CaseResult> cases, CaseScore[] scores, ComparisonSettings settings)
    {
        int[] scored = [.. Enumerable.Range(0, scores.Length).Where(index => scores[index].Value is not null)];
        double[] values = [.. scored.Select(index => scores[index].Value!.Value)];
        double[] weights = [.. scored.Select(index => cases[index].Weight)];
        return new MetricSummary
        {
            Variant = variant,
            Metric = metric.Name,
            Cases = values.Length,
            Missing = scores.Sum(score => score.MissingAnswers),
            Mean = values.Length > 0 ? WeightedMean.Of(values, weights).Mean : null,
            Interval = Interval(metric, values, weights, settings),
            Median = Quantiles.Of(values, 0.5),
            P95 = Quantiles.Of(values, 0.95),
            StandardDeviation = Moments.Of(values).Variance is { } variance ? Math.Sqrt(variance) : null,
        };
    }

    private static Interval? Interval(Metric metric, double[] values, double[] weights, ComparisonSettings settings)
    {
        var isCounted = metric.Kind == MetricKind.Pass && values.All(value => value is 0 or 1) && !weights.AsSpan().ContainsAnyExcept(weights.FirstOrDefault());
        return isCounted
            ? new Proportion(values.Count(value => value == 1), values.Length).Interval(settings.Confidence)
            : BcaBootstrap.OfMean(values, weights, settings.Seed, settings.Confidence);
    }
}
