using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators;

/// <summary>Scores answers by rules alone: it asks no model, so its scores are made anew and not kept.</summary>
/// <param name="settings">Its settings.</param>
/// <param name="metric">What its scores are.</param>
internal abstract class LocalEvaluator(SettingsReader settings, Metric metric) : IEvaluator
{
    /// <inheritdoc/>
    public Metric Metric { get; } = metric;

    /// <inheritdoc/>
    public string Fingerprint { get; } = settings.Fingerprint;

    /// <inheritdoc/>
    public bool CallsModel => false;

    /// <inheritdoc/>
    public ValueTask<Score?> ScoreAsync(ScoredAnswer answer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(ScoreOf(answer));
    }

    /// <summary>The score of an answer; null where it does not apply to the case.</summary>
    protected abstract Score? ScoreOf(ScoredAnswer answer);
}
