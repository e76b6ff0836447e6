using System.Text.Json;
using LlmOps.Evaluator.Evaluators;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.JsonSchema;
using LlmOps.Gateway.Prompts;

namespace LlmOps.Evaluator.Datasets;

/// <summary>Reads a case from JSON, which all formats are read as. A fault of one field does not hide those of others.</summary>
/// <param name="body">What it is in.</param>
/// <param name="faults">Where faults go.</param>
/// <param name="lineOf">The line of a field.</param>
internal sealed class CaseReader(JsonBody body, FaultList faults, Func<string?, int> lineOf)
{
    private const int LongestId = 200;

    private static readonly string[] Fields = ["id", "variables", "expected", "references", "metadata", "tags", "weight", "evaluators", "human"];

    /// <summary>Reads one; where fields are wrong there are faults, and the case is not to be used.</summary>
    /// <param name="item">An object.</param>
    public EvaluationCase Read(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object)
        {
            return Try(() => throw body.Invalid(item, "a case, an object"), Empty(item));
        }

        foreach (var member in item.EnumerateObject().Where(member => !Fields.Contains(member.Name)))
        {
            var field = body.PathOf(member.Value);
            faults.Add(lineOf(field), $"{Shown.Short(field)} is not known here; expected {string.Join(", ", Fields)}.");
        }

        var expected = Field(item, "expected", Usable);
        return Empty(item) with
        {
            Id = Try(() => Id(body.Required(item, "id"u8, "a text that no other case has")), ""),
            Variables = Members(item, "variables", value => VariableValue.Of(value) ?? throw body.Invalid(value, "a text, a number, true or false")),
            Expected = expected,
            References = Field(item, "references", Texts) is { Count: > 0 } references ? references
                : expected is { ValueKind: JsonValueKind.String } text ? [text.GetString()!] : [],
            Metadata = Field(item, "metadata", value => Usable(body.Object(value))),
            Tags = [.. (Field(item, "tags", Texts) ?? []).Distinct()],
            Weight = Field(item, "weight", value => (double?)Weight(value)) ?? 1,
            Evaluators = Field(item, "evaluators", value => EvaluatorList.Read(body, value)) ?? [],
            Human = Members(item, "human", Labels),
        };
    }

    private EvaluationCase Empty(JsonElement item) => new() { Id = "", Line = lineOf(body.PathOf(item)), Variables = new Dictionary<string, string>() };

    private T Try<T>(Func<T> read, T otherwise) => faults.Read(read, otherwise, field => lineOf(field));

    private T? Field<T>(JsonElement item, string name, Func<JsonElement, T> read) =>
        JsonBody.Optional(item, name) is { } value ? Try(() => read(value), default(T)) : default;

    private JsonElement? Field(JsonElement item, string name, Func<JsonElement, JsonElement> read) =>
        Field(item, name, value => (JsonElement?)read(value));

    // A member that is null is as one that is not there.
    private Dictionary<string, T> Members<T>(JsonElement item, string name, Func<JsonElement, T> read)
        where T : class
    {
        Dictionary<string, T> members = [];
        if (JsonBody.Optional(item, name) is { } given && Try(() => (JsonElement?)body.Object(given), null) is { } parent)
        {
            foreach (var member in parent.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null))
            {
                if (Try(() => read(member.Value), null) is { } value)
                {
                    members[member.Name] = value;
                }
            }
        }

        return members;
    }

    private string Id(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetRawText() : body.ShortText(value, LongestId);

    private List<string> Texts(JsonElement value) => [.. body.Array(value, "a list of texts").EnumerateArray().Select(text => body.NonEmptyText(text))];

    private double Weight(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var weight) && weight > 0 && double.IsFinite(weight) ? weight : throw body.Invalid(value, "a number above 0");

    private IReadOnlyDictionary<string, string> Labels(JsonElement value)
    {
        Dictionary<string, string> labels = [];
        foreach (var member in body.Object(value, "a label for each version").EnumerateObject())
        {
            // v2, or v2/MODEL where several models answer.
            labels[member.Name] = VersionName.Parse(member.Name.Split('/')[0]) is null
                ? throw new GatewayException(ErrorCode.InvalidValue, $"{Shown.Short(body.PathOf(member.Value))} is no version; expected {VersionName.Form}.", body.PathOf(member.Value))
                : VariableValue.Of(member.Value) ?? throw body.Invalid(member.Value, "a text, a number, true or false");
        }

        return labels;
    }

    // Apart from the file, whose bytes need not stay for it.
    private JsonElement Usable(JsonElement value) => UnusableJson.Find(value) is { } fault
        ? throw new GatewayException(ErrorCode.InvalidValue, $"{body.PathOf(value)} {fault}.", body.PathOf(value))
        : value.Clone();
}
