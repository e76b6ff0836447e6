using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Json;

/// <summary>Whether an answer is JSON, all of it.</summary>
internal sealed class JsonValidEvaluator(SettingsReader settings) : LocalEvaluator(settings, settings.Metric(MetricKind.Pass))
{
    private readonly AnswerJson _json = new(settings);

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer) => _json.Read(answer.Answer, out _) is { } fault ? Score.Of(false, fault) : Score.Of(true);
}
