using System.Globalization;
using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Comparison;

/// <summary>Whether scores say what people said.</summary>
internal static class HumanAgreements
{
    private static readonly Dictionary<string, double> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["pass"] = 1, ["passed"] = 1, ["yes"] = 1, ["true"] = 1, ["good"] = 1, ["better"] = 1,
        ["fail"] = 0, ["failed"] = 0, ["no"] = 0, ["false"] = 0, ["bad"] = 0, ["worse"] = 0,
        ["tie"] = 0.5, ["same"] = 0.5, ["neither"] = 0.5, ["both"] = 0.5,
    };

    /// <summary>
    /// Of a metric's scores with people's labels, both as categories: the nearest whole number; of a judge of two answers which one is the better. A variant's label
    /// is found under its name, or else under its version.
    /// </summary>
    /// <param name="metric">The metric.</param>
    /// <param name="variants">The variants, the baseline first.</param>
    /// <param name="cases">The cases with their scores.</param>
    /// <param name="labels">What people said, by case: by metric, then by version.</param>
    /// <param name="confidence">Of kappa's interval.</param>
    /// <returns>Null where people said nothing by this metric. Labels that are no number and no word for a passed or a better answer are not counted.</returns>
    public static HumanAgreement? Of(Metric metric, IReadOnlyList<Variant> variants, IReadOnlyList<CaseResult> cases, IReadOnlyDictionary<string, EvaluationCase> labels, double confidence)
    {
        var pairs = new List<(double Score, double Label)>();
        var isLabelled = false;
        foreach (var @case in cases)
        {
            if (labels.GetValueOrDefault(@case.Id)?.Human.GetValueOrDefault(metric.Name) is not { } given)
            {
                continue;
            }

            isLabelled = true;
            foreach (var variant in variants)
            {
                // What is said of a version is said of one answer, not of those of several models.
                var said = given.GetValueOrDefault(variant.Name) ?? (variants.Count(each => each.Version == variant.Version) == 1 ? given.GetValueOrDefault(variant.Version) : null);
                var label = metric.IsPairwise ? Preferred(said, variant, variants[0]) : Label(said);
                if (label is { } known && CaseScore.Of([@case], metric, variant.Name, variants[0].Name)[0].Value is { } score)
                {
                    pairs.Add((Category(metric, score), Category(metric, known)));
                }
            }
        }

        return isLabelled ? Of(metric, pairs, confidence) : null;
    }

    private static HumanAgreement Of(Metric metric, List<(double Score, double Label)> pairs, double confidence)
    {
        double[] categories = [.. pairs.SelectMany(pair => (double[])[pair.Score, pair.Label]).Distinct().Order()];
        var counts = new long[categories.Length, categories.Length];
        foreach (var (score, label) in pairs)
        {
            counts[Array.BinarySearch(categories, score), Array.BinarySearch(categories, label)]++;
        }

        var agreement = CohenKappa.Of(counts, confidence);
        double? observed = pairs.Count > 0 ? pairs.Count(pair => pair.Score == pair.Label) / (double)pairs.Count : null;
        return new HumanAgreement(metric.Name, pairs.Count, agreement?.Kappa, agreement?.Interval, observed);
    }

    // Which of the two answers is the better one may also be said by its name.
    private static double? Preferred(string? said, Variant variant, Variant baseline) =>
        said is null ? null
        : said == variant.Name || said == variant.Version ? 1
        : said == baseline.Name || said == baseline.Version ? 0
        : Label(said);

    private static double? Label(string? said) =>
        said is null ? null
        : double.TryParse(said, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number
        : Words.TryGetValue(said, out var known) ? known : null;

    private static double Category(Metric metric, double value) => metric.IsPairwise ? (Math.Sign(value - 0.5) + 1) / 2.0 : Math.Round(value, MidpointRounding.AwayFromZero);
}
