using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Reports;

/// <summary>A comparison over all cases as the texts of a table.</summary>
/// <param name="Metric">What it is by.</param>
/// <param name="Comparison">The comparison.</param>
internal sealed record VerdictRow(Metric Metric, MetricComparison Comparison)
{
    public string Baseline => ReportNumbers.Value(Comparison.BaselineMean, Metric);

    public string Variant => ReportNumbers.Value(Comparison.VariantMean, Metric);

    /// <summary>The difference, and its interval in brackets where there is one.</summary>
    public string Difference => ReportNumbers.Difference(Comparison.Difference, Metric) + (Comparison.Interval is { } interval ? $" ({ReportNumbers.DifferenceInterval(interval, Metric)})" : "");

    /// <summary>Its sign and words.</summary>
    public string Verdict => $"{VerdictLabels.Sign(Comparison.Verdict)} {VerdictLabels.Short(Comparison.Verdict)}";

    /// <summary>Those of a variant, metrics of quality first.</summary>
    public static IReadOnlyList<VerdictRow> Of(EvaluationResult result, string variant) =>
    [
        .. from metric in result.Metrics
           orderby metric.IsQuality descending
           from comparison in result.Comparisons
           where comparison.Metric == metric.Name && comparison.Variant == variant && comparison.Tag is null
           select new VerdictRow(metric, comparison),
    ];
}
