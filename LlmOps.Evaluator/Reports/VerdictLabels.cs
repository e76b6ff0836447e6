using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Reports;

/// <summary>Verdicts as all reports say them.</summary>
internal static class VerdictLabels
{
    private const int MostNames = 5;

    /// <summary>A sign that says the same as the words, so that no colour has to.</summary>
    public static string Sign(Verdict verdict) => verdict switch
    {
        Verdict.Better => "▲",
        Verdict.Worse => "▼",
        Verdict.NoDifference => "=",
        _ => "?",
    };

    /// <summary>The verdict in two or three words.</summary>
    public static string Short(Verdict verdict) => verdict switch
    {
        Verdict.Better => "better",
        Verdict.Worse => "worse",
        Verdict.NoDifference => "no difference found",
        _ => "too few cases",
    };

    /// <summary>How the evaluation ended, in a word.</summary>
    public static string Short(GateStatus status) => status switch
    {
        GateStatus.Passed => "passed",
        GateStatus.Regression => "regression",
        _ => "incomplete",
    };

    /// <summary>What is compared: summarizer: v2 compared with v1.</summary>
    public static string Title(EvaluationResult result)
    {
        string[] names = [.. result.Variants.Select(variant => variant.Name)];
        return names.Length == 1 ? $"{result.Prompt}: {names[0]}" : $"{result.Prompt}: {Joined(names[1..])} compared with {names[0]}";
    }

    /// <summary>All verdicts over all cases, a sentence or two for each variant but the baseline; none where nothing is compared.</summary>
    public static IReadOnlyList<string> Headlines(EvaluationResult result) =>
        [.. result.Variants.Skip(1).Select(variant => Headline(result, variant.Name)).OfType<string>()];

    private static string? Headline(EvaluationResult result, string variant)
    {
        var quality = result.Metrics.Where(metric => metric.IsQuality).Select(metric => metric.Name).ToHashSet();
        var overall = result.Comparisons.Where(comparison => comparison.Variant == variant && comparison.Tag is null).ToLookup(comparison => quality.Contains(comparison.Metric));
        var (said, taken) = (Parts(overall[true]), Parts(overall[false]));
        var first = said is null ? null : $"By quality, {variant} {said}.";
        var second = taken is null ? null : $"In what it takes, {variant} {taken}.";
        return first is null ? second : second is null ? first : $"{first} {second}";
    }

    // "is better by rouge_l and worse by exact; no difference was found by judge"
    private static string? Parts(IEnumerable<MetricComparison> comparisons)
    {
        var by = comparisons.ToLookup(comparison => comparison.Verdict, comparison => comparison.Metric);
        string?[] found = [Part("better by", by[Verdict.Better]), Part("worse by", by[Verdict.Worse])];
        string?[] all =
        [
            found.Any(part => part is not null) ? "is " + string.Join(" and ", found.OfType<string>()) : null,
            Part("shows no difference by", by[Verdict.NoDifference]),
            Part("has too few cases to say by", by[Verdict.TooFewCases]),
        ];
        var parts = string.Join("; it ", all.OfType<string>());
        return parts.Length == 0 ? null : parts;
    }

    private static string? Part(string words, IEnumerable<string> metrics)
    {
        string[] names = [.. metrics];
        return names.Length == 0 ? null : $"{words} {Joined(names)}";
    }

    private static string Joined(string[] names) => names switch
    {
        { Length: > MostNames } => $"{string.Join(", ", names[..(MostNames - 1)])} and {names.Length - MostNames + 1} others",
        { Length: > 1 } => $"{string.Join(", ", names[..^1])} and {names[^1]}",
        _ => string.Concat(names),
    };
}
