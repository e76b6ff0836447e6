using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;

namespace LlmOps.Evaluator.Evaluators;

/// <summary>An evaluator as it is asked for, in eval.yaml, a dataset or on the command line.</summary>
/// <param name="Type">Which: rouge_l, json_schema, judge, …</param>
/// <param name="Name">What its metric is called; its type where nothing else is said.</param>
/// <param name="Settings">Its settings, an object without name; null for none.</param>
internal sealed partial record EvaluatorSpec(string Type, string Name, JsonElement? Settings)
{
    /// <summary>The setting that names the metric, which every evaluator has.</summary>
    public const string NameSetting = "name";

    private const string Form = "an evaluator such as rouge_l, length:max_words=60 or regex:pattern=\"a,b\",name=letters, or its settings as JSON: contains:{\"any\": [\"a\", \"b\"]}";
    private const string NameForm = "1 to 64 letters, digits and the marks _ - . /";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads an evaluator of the command line: TYPE, TYPE:name=value,… (numbers, true and false are such; a value in double quotes is a text that may have commas, and a double quote twice for one), or TYPE:{…}.</summary>
    /// <exception cref="BadInputException">It is not written so.</exception>
    public static EvaluatorSpec Parse(string text)
    {
        try
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon < 0 ? Of(text.Trim(), []) : Of(text[..colon].Trim(), InlineSettings.Read(text[(colon + 1)..]));
        }
        catch (FormatException fault)
        {
            throw new BadInputException($"Evaluator '{text}': {fault.Message}; expected {Form}.");
        }
    }

    /// <summary>Reads an evaluator of eval.yaml or a dataset: a text, as on the command line, or an object with one member, whose value is the settings.</summary>
    /// <exception cref="GatewayException">It is neither; with the field.</exception>
    public static EvaluatorSpec Read(JsonBody body, JsonElement item)
    {
        const string expected = "an evaluator: a text such as rouge_l, or an object with one member such as {\"length\": {\"max_words\": 60}}";
        if (item.ValueKind == JsonValueKind.String)
        {
            try
            {
                return Parse(body.NonEmptyText(item, expected));
            }
            catch (BadInputException fault)
            {
                throw new GatewayException(ErrorCode.InvalidValue, fault.Message, body.PathOf(item), fault);
            }
        }

        if (body.Object(item, expected).GetPropertyCount() != 1)
        {
            throw body.Invalid(item, expected);
        }

        var (type, settings) = item.EnumerateObject().Select(member => (member.Name, member.Value)).Single();
        var name = default(JsonElement?);
        try
        {
            if (JsonBody.Optional(item, type) is null)
            {
                return Of(type, []);
            }

            name = JsonBody.Optional(body.Object(settings, "an object of settings"), NameSetting);
            return Of(type, JsonObject.Create(settings)!);
        }
        catch (FormatException fault)
        {
            var field = body.PathOf(name ?? item);
            throw new GatewayException(ErrorCode.InvalidValue, $"{field}: {fault.Message}.", field, fault);
        }
    }

    private static EvaluatorSpec Of(string type, JsonObject settings)
    {
        if (!Word().IsMatch(type))
        {
            throw new FormatException($"'{type}' is no evaluator's type");
        }

        var name = settings[NameSetting] switch
        {
            null => type,
            JsonValue value when value.GetValueKind() == JsonValueKind.String && Label().IsMatch(value.GetValue<string>()) => value.GetValue<string>(),
            _ => throw new FormatException($"the name of {type} is not such as was expected: {NameForm}"),
        };
        settings.Remove(NameSetting);
        return new EvaluatorSpec(type, name, settings.Count == 0 ? null : JsonElement.Parse(Encoding.UTF8.GetBytes(settings.ToJsonString(Readable))));
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,63}$")]
    private static partial Regex Word();

    [GeneratedRegex(@"^[\p{L}\p{N}_./-]{1,64}$")]
    private static partial Regex Label();
}
