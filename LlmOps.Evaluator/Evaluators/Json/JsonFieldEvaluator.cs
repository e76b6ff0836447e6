using System.Text.Json;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Json;

/// <summary>Whether a field of an answer in JSON is the expected one: of the settings, the same field of an expected object, or the expected text.</summary>
internal sealed class JsonFieldEvaluator(SettingsReader settings) : LocalEvaluator(settings, settings.Metric(MetricKind.Pass))
{
    private readonly AnswerJson _json = new(settings);
    private readonly string _field = settings.Text("field") ?? throw settings.Missing("field", "a path such as a.b[0].c");
    private readonly JsonPath _path = JsonPath.Parse(settings.Text("field")!) ?? throw settings.Fault("field", "a path such as a.b[0].c");
    private readonly JsonElement? _value = settings.Json("value");
    private readonly bool _ignoresCase = settings.Flag("ignore_case");

    /// <inheritdoc/>
    protected override Score? ScoreOf(ScoredAnswer answer)
    {
        if (Wanted(answer) is not { } wanted)
        {
            return null;
        }

        return _json.Read(answer.Answer, out var json) is { } fault ? Score.Of(false, fault)
            : _path.Find(json) is not { } found ? Score.Of(false, $"it has no {_field}")
            : IsSame(found, wanted) ? Score.Of(true)
            : Score.Of(false, $"{_field} is {Quoted.Short(TextOf(found))}, not {Quoted.Short(TextOf(wanted))}");
    }

    private JsonElement? Wanted(ScoredAnswer answer) => _value ?? (ExpectedJson.Of(answer.Case) switch
    {
        { ValueKind: JsonValueKind.Object or JsonValueKind.Array } expected => _path.Find(expected),
        var expected => expected,
    });

    // An expected text may stand for a number or for true: CSV has nothing else.
    private bool IsSame(JsonElement found, JsonElement wanted) =>
        JsonElement.DeepEquals(found, wanted)
        || (wanted.ValueKind == JsonValueKind.String && found.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)
            && string.Equals(TextOf(found), TextOf(wanted), _ignoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
