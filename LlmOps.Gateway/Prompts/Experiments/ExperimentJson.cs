using System.Buffers;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;

namespace LlmOps.Gateway.Prompts.Experiments;

/// <summary>Writes experiments as <see cref="ExperimentDefinition.Read"/> takes them.</summary>
internal static class ExperimentJson
{
    /// <summary>A definition.</summary>
    public static string Of(ExperimentDefinition definition) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("name", definition.Name);
        json.WriteString("prompt", definition.Prompt);
        if (definition.Description is { } description)
        {
            json.WriteString("description", description);
        }

        json.WriteString("unit", definition.Unit.ToString().ToLowerInvariant());
        json.WriteString("salt", definition.Salt);
        json.WriteNumber("share", definition.Share);
        json.WriteString("state", definition.State.ToString().ToLowerInvariant());
        json.WritePropertyName("guard");
        json.WriteRawValue(Of(definition.Guard));
        json.WriteStartArray("variants");
        foreach (var variant in definition.Variants)
        {
            json.WriteRawValue(variant.ToJson());
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Reads what <see cref="Of(ExperimentDefinition)"/> has written.</summary>
    public static ExperimentDefinition Read(string json) => ExperimentDefinition.Read(JsonBody.Parse(Encoding.UTF8.GetBytes(json)), prompt: null);

    /// <summary>A guard.</summary>
    public static string Of(IReadOnlyDictionary<Measure, double> guard) => Write(json =>
    {
        json.WriteStartObject();
        foreach (var (measure, tolerance) in guard.OrderBy(each => each.Key))
        {
            json.WriteNumber(measure.NameOf(), tolerance);
        }

        json.WriteEndObject();
    });

    /// <summary>Names.</summary>
    public static string Of(IReadOnlyList<string> names) => Write(json =>
    {
        json.WriteStartArray();
        foreach (var name in names)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    });

    private static string Write(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Json.WriterOptions))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
