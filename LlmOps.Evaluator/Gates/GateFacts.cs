using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Gates;

/// <summary>What a gate judges: an evaluation without its outcome.</summary>
internal sealed record GateFacts
{
    /// <summary>The first is the baseline, where there are several.</summary>
    public required IReadOnlyList<Variant> Variants { get; init; }

    public required IReadOnlyList<Metric> Metrics { get; init; }

    /// <summary>All cases, those too that were not asked.</summary>
    public required IReadOnlyList<CaseResult> Cases { get; init; }

    /// <summary>How often each case was to be asked of each variant.</summary>
    public required int Repeats { get; init; }

    /// <summary>Of intervals; a difference is significant where its adjusted p-value is at most 1 less it.</summary>
    public required double Confidence { get; init; }

    public required IReadOnlyList<MetricSummary> Summaries { get; init; }

    public required IReadOnlyList<MetricComparison> Comparisons { get; init; }

    /// <summary>The fewest cases that a rule may judge by.</summary>
    public int MinCases { get; init; } = 1;

    /// <summary>The variants that rules are about: all but the baseline, or the only one.</summary>
    public IEnumerable<Variant> Judged => Variants.Count > 1 ? Variants.Skip(1) : Variants;

    /// <summary>Those of an evaluation, so that one that is read from its file can be held to other rules.</summary>
    public static GateFacts Of(EvaluationResult result) => new()
    {
        Variants = result.Variants,
        Metrics = result.Metrics,
        Cases = result.Cases,
        Repeats = result.Run.Repeats,
        Confidence = result.Run.Confidence,
        Summaries = result.Summaries,
        Comparisons = result.Comparisons,
    };

    /// <summary>
    /// What is missing: answers, of all that were to be had; and by metric of quality the scores that failed, of the answers that it
    /// applies to. The others measure what a provider may not tell.
    /// </summary>
    public IReadOnlyList<MissingAmount> Missing()
    {
        var answers = Cases.SelectMany(each => each.Answers).Where(answer => answer.Answer is not null).ToList();
        var wanted = (long)Cases.Count * Variants.Count * Repeats;
        List<MissingAmount> missing = [new MissingAmount("answers", wanted - answers.Count, wanted)];
        foreach (var metric in Metrics.Where(metric => metric.IsQuality))
        {
            var scores = answers.Select(answer => answer.Scores.GetValueOrDefault(metric.Name)).OfType<Score>().ToList();
            missing.Add(new MissingAmount($"scores of {metric.Name}", scores.Count(score => score.Value is null), scores.Count));
        }

        return missing;
    }
}

/// <summary>How much of something is missing.</summary>
/// <param name="What">Of what: answers, scores of rouge_l.</param>
/// <param name="Count">How much is missing.</param>
/// <param name="Of">How much there should be.</param>
internal sealed record MissingAmount(string What, long Count, long Of);
