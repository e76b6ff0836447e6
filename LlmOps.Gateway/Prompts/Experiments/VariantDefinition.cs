using System.Buffers;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Prompts.Experiments;

/// <summary>One of the things that an experiment compares.</summary>
/// <param name="Name">Its name in the experiment; by default its version's.</param>
/// <param name="Version">The version of the prompt.</param>
/// <param name="Weight">Its part of the units, among the weights of all.</param>
/// <param name="Model">The model in place of the version's; null for the version's.</param>
/// <param name="Parameters">What is asked of the model, before what the version asks.</param>
internal sealed record VariantDefinition(string Name, int Version, double Weight, string? Model, PromptParameters Parameters)
{
    private const double MostWeight = 1_000_000;

    /// <summary>Reads one.</summary>
    /// <exception cref="GatewayException">400, with the field and what was expected.</exception>
    public static VariantDefinition Read(JsonBody body, JsonElement item)
    {
        body.RefuseUnknown(body.Object(item, "a variant: name, version, weight, model, parameters"), "name", "version", "weight", "model", "parameters");
        var version = body.Required(item, "version"u8, VersionName.Form);
        var number = VersionName.Parse(body.Text(version, VersionName.Form)) ?? throw body.Invalid(version, VersionName.Form);
        var weight = JsonBody.Optional(item, "weight"u8) is not { } given ? 1
            : body.Number(given, 0, MostWeight) is > 0 and var share ? share : throw body.Invalid(given, "a number above 0");
        return new VariantDefinition(
            JsonBody.Optional(item, "name"u8) is not { } name ? VersionName.Of(number) : PromptTemplate.IsName(body.Text(name)) ? name.GetString()! : throw body.Invalid(name, PromptTemplate.NameForm),
            number,
            weight,
            JsonBody.Optional(item, "model"u8) is { } model ? body.NonEmptyText(model) : null,
            PromptParameters.Read(body, item));
    }

    /// <summary>It as the API writes it.</summary>
    public string ToJson()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Json.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("name", Name);
            json.WriteString("version", VersionName.Of(Version));
            json.WriteNumber("weight", Weight);
            if (Model is not null)
            {
                json.WriteString("model", Model);
            }

            if (Parameters.Json.Count > 0)
            {
                json.WriteStartObject("parameters");
                foreach (var (name, value) in Parameters.Json.OrderBy(parameter => parameter.Key, StringComparer.Ordinal))
                {
                    json.WritePropertyName(name);
                    value.WriteTo(json);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
