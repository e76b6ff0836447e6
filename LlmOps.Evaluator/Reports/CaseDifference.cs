using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Reports;

/// <summary>A case of which both variants have a value.</summary>
/// <param name="Case">The case.</param>
/// <param name="Baseline">The baseline's value, the mean of its repeats.</param>
/// <param name="Variant">The variant's.</param>
/// <param name="Gain">By how much the variant is better, below 0 for worse.</param>
internal sealed record CaseDifference(CaseResult Case, double Baseline, double Variant, double Gain)
{
    // What is the same but for the rounding of means over repeats is a tie.
    private const double Rounding = 1e-9;

    /// <summary>The cases of a comparison, in the dataset's order.</summary>
    public static IEnumerable<CaseDifference> Of(EvaluationResult result, MetricComparison comparison)
    {
        var metric = result.Metrics.First(each => each.Name == comparison.Metric);
        foreach (var each in result.Cases)
        {
            if (Mean(each, comparison.Variant, metric) is not { } variant)
            {
                continue;
            }

            // A judge of two answers says how the variant's fares; the baseline has the rest.
            if ((metric.IsPairwise ? 1 - variant : Mean(each, comparison.Baseline, metric)) is { } baseline)
            {
                var gain = metric.Direction == MetricDirection.HigherIsBetter ? variant - baseline : baseline - variant;
                yield return new CaseDifference(each, baseline, variant, Math.Abs(gain) <= Rounding * Math.Max(Math.Abs(baseline), Math.Abs(variant)) ? 0 : gain);
            }
        }
    }

    private static double? Mean(CaseResult each, string variant, Metric metric)
    {
        var (sum, count) = (0.0, 0);
        foreach (var answer in each.Answers)
        {
            if (answer.Variant == variant && answer.Scores.GetValueOrDefault(metric.Name)?.Value is { } value)
            {
                (sum, count) = (sum + value, count + 1);
            }
        }

        return count == 0 ? null : sum / count;
    }
}
