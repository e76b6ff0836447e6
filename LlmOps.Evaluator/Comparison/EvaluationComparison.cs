using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Comparison;

/// <summary>Says of an evaluation's scores whether variants are better than the baseline, and whether chance explains it.</summary>
internal static class EvaluationComparison
{
    /// <summary>The most tags that are compared: those of the most cases.</summary>
    public const int MostTags = 50;

    /// <summary>All that there is to say.</summary>
    /// <param name="variants">The baseline first.</param>
    /// <param name="metrics">What the answers were scored by.</param>
    /// <param name="cases">The cases with their scores.</param>
    /// <param name="dataset">The dataset's cases, for what people said of answers; may be empty.</param>
    /// <param name="settings">How they are compared.</param>
    public static ComparisonResult Compare(
        IReadOnlyList<Variant> variants, IReadOnlyList<Metric> metrics, IReadOnlyList<CaseResult> cases, IReadOnlyList<EvaluationCase> dataset, ComparisonSettings settings)
    {
        var labels = dataset.ToDictionary(@case => @case.Id);
        return new ComparisonResult(
            [.. metrics.AsParallel().AsOrdered().SelectMany(metric => Summaries.Of(metric, variants, cases, settings))],
            Compare(variants, metrics, cases, settings),
            [.. metrics.Where(metric => metric.IsPairwise).SelectMany(metric => variants.Skip(1).Select(variant => PositionBiases.Of(metric, variant, cases))).OfType<PositionBias>()],
            [.. metrics.Select(metric => HumanAgreements.Of(metric, variants, cases, labels, settings.Confidence)).OfType<HumanAgreement>()]);
    }

    /// <summary>
    /// Compares each variant with the baseline, by each metric, case by case. The comparisons of all cases by metrics of quality are one family that is corrected
    /// together, those by what answers take (latency, tokens, cost) another; those by tag are two more.
    /// </summary>
    /// <param name="variants">The baseline first.</param>
    /// <param name="metrics">What the answers were scored by.</param>
    /// <param name="cases">The cases with their scores.</param>
    /// <param name="settings">How they are compared.</param>
    public static IReadOnlyList<MetricComparison> Compare(
        IReadOnlyList<Variant> variants, IReadOnlyList<Metric> metrics, IReadOnlyList<CaseResult> cases, ComparisonSettings settings)
    {
        var baseline = variants[0].Name;
        var scores = metrics.ToDictionary(
            metric => metric.Name, metric => variants.ToDictionary(variant => variant.Name, variant => CaseScore.Of(cases, metric, variant.Name, baseline)));

        ComparisonDraft[] Drafts(IEnumerable<(string? Tag, int[] Cases)> groups) =>
        [
            .. from each in (from chosen in groups from variant in variants.Skip(1) from metric in metrics select (chosen.Tag, chosen.Cases, Variant: variant.Name, Metric: metric)).AsParallel().AsOrdered()
               let pairs = CasePairs.Of(each.Metric, cases, each.Cases, scores[each.Metric.Name][baseline], scores[each.Metric.Name][each.Variant])
               where each.Tag is null || pairs.Count + pairs.Missing > 0 // Nothing is said of a tag whose cases a metric does not apply to.
               select ComparisonDraft.Of(baseline, each.Variant, each.Metric, each.Tag, pairs, settings),
        ];

        return
        [
            .. Complete(Drafts([(null, [.. Enumerable.Range(0, cases.Count)])]), settings),
            .. Complete(Drafts(Tags(cases, settings.MinCases)), settings),
        ];
    }

    private static MetricComparison[] Complete(ComparisonDraft[] drafts, ComparisonSettings settings)
    {
        var completed = new MetricComparison[drafts.Length];
        foreach (var family in Enumerable.Range(0, drafts.Length).GroupBy(index => drafts[index].Metric.IsQuality))
        {
            foreach (var (index, comparison) in family.Zip(ComparisonDraft.Complete([.. family.Select(index => drafts[index])], settings)))
            {
                completed[index] = comparison;
            }
        }

        return completed;
    }

    // Those with too few cases are told of where there are few tags, so that it is seen that nothing is known of them. A tag that all cases have says nothing new.
    private static IEnumerable<(string? Tag, int[] Cases)> Tags(IReadOnlyList<CaseResult> cases, int minCases)
    {
        (string? Tag, int[] Cases)[] tags =
        [
            .. cases.SelectMany((@case, index) => @case.Tags.Distinct().Select(tag => (Tag: tag, Index: index)))
                .GroupBy(each => each.Tag, each => each.Index)
                .Select(group => (group.Key, group.ToArray()))
                .Where(tag => tag.Item2.Length < cases.Count),
        ];
        return tags.Length <= MostTags ? tags : tags.Where(tag => tag.Cases.Length >= minCases).OrderByDescending(tag => tag.Cases.Length).Take(MostTags);
    }
}
