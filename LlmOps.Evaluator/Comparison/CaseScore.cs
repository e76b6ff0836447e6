using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Comparison;

/// <summary>A variant's score of a case by a metric.</summary>
/// <param name="Value">The mean of the repeats that have one; null for none.</param>
/// <param name="MissingAnswers">Answers that should have a score and have none, at least 1 where the metric applies and there is no value.</param>
internal readonly record struct CaseScore(double? Value, int MissingAnswers)
{
    /// <summary>Whether there should be a value and is none; where there is neither, the metric does not apply.</summary>
    public bool IsMissing => Value is null && MissingAnswers > 0;

    /// <summary>The scores of all cases, in their order.</summary>
    public static CaseScore[] Of(IReadOnlyList<CaseResult> cases, Metric metric, string variant, string baseline) =>
        [.. cases.Select(@case => Of(@case, metric, variant, baseline))];

    // An answer without a score is one that the metric does not apply to. A call that failed does not say whether it would: other answers to the case do.
    private static CaseScore Of(CaseResult @case, Metric metric, string variant, string baseline)
    {
        var (sum, values, failed, unanswered, unscored) = (0.0, 0, 0, 0, 0);
        foreach (var answer in @case.Answers)
        {
            if (answer.Variant != variant)
            {
                continue;
            }

            if (answer.Scores.TryGetValue(metric.Name, out var score))
            {
                var isKnown = score is { Failure: null, Value: { } value } && double.IsFinite(value);
                sum += isKnown ? score.Value!.Value : 0;
                values += isKnown ? 1 : 0;
                failed += isKnown ? 0 : 1;
            }
            else if (IsAnswered(@case, answer, metric, baseline))
            {
                unscored++;
            }
            else
            {
                unanswered++;
            }
        }

        if (values + failed > 0)
        {
            return new CaseScore(values > 0 ? sum / values : null, failed + unanswered);
        }

        return unscored == 0 && Applies(@case, metric, baseline) ? new CaseScore(null, Math.Max(1, unanswered)) : default;
    }

    private static bool Applies(CaseResult @case, Metric metric, string baseline) =>
        @case.Answers.Any(answer => answer.Scores.ContainsKey(metric.Name)) || !@case.Answers.Any(answer => IsAnswered(@case, answer, metric, baseline));

    // What is scored against the baseline's answer needs both.
    private static bool IsAnswered(CaseResult @case, AnswerResult answer, Metric metric, string baseline) =>
        answer.Answer is not null
        && (!metric.IsPairwise || (answer.Variant != baseline && @case.Answers.Any(other => other.Variant == baseline && other.Repeat == answer.Repeat && other.Answer is not null)));
}
