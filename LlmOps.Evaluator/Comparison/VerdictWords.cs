using System.Globalization;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Comparison;

/// <summary>Verdicts in plain words, with the numbers that they rest on.</summary>
/// <param name="metric">The metric.</param>
/// <param name="settings">How variants were compared.</param>
/// <param name="comparisons">How many comparisons the p-value was corrected for.</param>
internal sealed class VerdictWords(Metric metric, ComparisonSettings settings, int comparisons)
{
    /// <summary>What a comparison, complete but for these, says.</summary>
    public string Of(MetricComparison comparison)
    {
        var where = comparison.Tag is { } tag ? $"Tag {tag}: " : "";
        var missing = comparison.Missing > 0 ? $" {Cases(comparison.Missing)} without a value of both {(comparison.Missing == 1 ? "is" : "are")} left out." : "";
        return where + comparison.Verdict switch
        {
            Verdict.Better => $"{comparison.Variant} is better: {metric.Name} {Numbers(comparison)}.",
            Verdict.Worse => $"{comparison.Variant} is worse: {metric.Name} {Numbers(comparison)}.",
            Verdict.NoDifference when comparison.PValue is null =>
                $"No difference in {metric.Name}: {ReportNumbers.Value(comparison.VariantMean, metric)}, the same in each of {Cases(comparison.Cases)}.{Detectable(comparison)}",
            Verdict.NoDifference => $"No difference found in {metric.Name}: {Numbers(comparison)}.{Detectable(comparison)}",
            _ => string.Create(CultureInfo.InvariantCulture, $"Too few cases to say anything about {metric.Name}: {comparison.Cases} of at least {Math.Max(2, settings.MinCases)}."),
        } + missing;
    }

    private string Numbers(MetricComparison comparison)
    {
        // Ranks say how far most cases are apart, which need not be how far the means are.
        var isByRanks = comparison.Test == PairTests.Wilcoxon;
        var difference = (isByRanks ? "typically " : "") + ReportNumbers.Difference(comparison.Difference, metric);
        var interval = comparison.Interval is { } range ? $", {ReportNumbers.Share(settings.Confidence)} interval {ReportNumbers.DifferenceInterval(range, metric)}" : "";
        var corrected = comparisons > 1 ? string.Create(CultureInfo.InvariantCulture, $" after correction for {comparisons:#,##0} comparisons") : "";
        var isHigherBetter = metric.Direction == Gateway.Statistics.MetricDirection.HigherIsBetter;
        var (higher, lower) = isHigherBetter ? (comparison.Wins, comparison.Losses) : (comparison.Losses, comparison.Wins);
        var counts = isByRanks ? string.Create(CultureInfo.InvariantCulture, $"; lower in {lower}, higher in {higher}") : "";
        return $"{ReportNumbers.Value(comparison.VariantMean, metric)} against {ReportNumbers.Value(comparison.BaselineMean, metric)}{(isByRanks ? " on average" : "")}"
            + $" over {Cases(comparison.Cases)} ({difference}{interval}, {PValue(comparison.AdjustedPValue)}{corrected}{counts})";
    }

    private string Detectable(MetricComparison comparison)
    {
        var seen = comparison.DetectableDifference is { } least
            ? $" With these {Cases(comparison.Cases)} a difference of {ReportNumbers.Magnitude(least, metric)} or more would have been seen 8 times out of 10."
            : "";
        var needed = comparison.CasesNeeded is { } cases ? $" To see one of {ReportNumbers.Magnitude(settings.Detect[metric.Name], metric)} takes {Cases(cases)}." : "";
        return seen + needed;
    }

    private static string PValue(double? value) => ReportNumbers.PValue(value) is var shown && shown.StartsWith('<') ? $"p {shown}" : $"p = {shown}";

    private static string Cases(long count) => string.Create(CultureInfo.InvariantCulture, $"{count:#,##0} {(count == 1 ? "case" : "cases")}");
}
