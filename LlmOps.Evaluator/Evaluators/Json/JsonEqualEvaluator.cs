using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Json;

/// <summary>Whether an answer is the expected JSON: objects whatever their order, numbers by value.</summary>
internal sealed class JsonEqualEvaluator(SettingsReader settings) : LocalEvaluator(settings, settings.Metric(MetricKind.Pass))
{
    private readonly AnswerJson _json = new(settings);

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer) =>
        ExpectedJson.Of(answer.Case) is not { } expected ? null
        : (_json.Read(answer.Answer, out var json) ?? JsonDifference.Find(json, expected)) is { } fault ? Score.Of(false, fault)
        : Score.Of(true);
}
