using LlmOps.Evaluator.Results;
using LlmOps.Gateway.JsonSchema;

namespace LlmOps.Evaluator.Evaluators.Json;

/// <summary>Whether an answer is JSON that fits a schema (docs/json-schema.md).</summary>
internal sealed class JsonSchemaEvaluator(SettingsReader settings) : LocalEvaluator(settings, settings.Metric(MetricKind.Pass))
{
    private const int ShownFaults = 3;

    private readonly AnswerJson _json = new(settings);
    private readonly Schema _schema = SchemaOf(settings);

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer)
    {
        if (_json.Read(answer.Answer, out var json) is { } fault)
        {
            return Score.Of(false, fault);
        }

        var faults = _schema.Validate(json);
        return faults.Count == 0 ? Score.Of(true) : Score.Of(false, string.Join("; ", faults.Take(ShownFaults)) + (faults.Count > ShownFaults ? "; …" : ""));
    }

    private static Schema SchemaOf(SettingsReader settings)
    {
        try
        {
            return Schema.Parse(settings.Json("schema") ?? throw settings.Missing("schema", "a JSON schema"));
        }
        catch (JsonSchemaException exception)
        {
            throw settings.Fault("schema", $"a JSON schema that can be used. {exception.Message}");
        }
    }
}
