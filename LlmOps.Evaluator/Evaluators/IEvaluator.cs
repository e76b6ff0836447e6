using LlmOps.Evaluator.Datasets;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators;

/// <summary>Scores answers.</summary>
internal interface IEvaluator
{
    /// <summary>What its scores are.</summary>
    Metric Metric { get; }

    /// <summary>Another text for whatever would give another score of the same answer: settings, a judge's prompt and model. A score is kept under it.</summary>
    string Fingerprint { get; }

    /// <summary>Whether it calls a model, so that its scores are kept, and are asked for as answers are.</summary>
    bool CallsModel { get; }

    /// <summary>Scores an answer.</summary>
    /// <returns>Null where it does not apply to the case, such as one without a reference. A score that failed is missing, never 0.</returns>
    /// <exception cref="Answers.GatewayCallException">A model that it asks does not answer.</exception>
    ValueTask<Score?> ScoreAsync(ScoredAnswer answer, CancellationToken cancellationToken);
}

/// <summary>An answer to be scored.</summary>
/// <param name="Case">The case.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Baseline">The baseline's answer of the same repeat; null for the baseline's own, or where it has none.</param>
internal sealed record ScoredAnswer(EvaluationCase Case, Answer Answer, Answer? Baseline);
