using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Prompts;

/// <summary>What a version of a prompt, or a variant of it, asks of the model besides its words: OpenAI's parameters, checked as the API checks them.</summary>
internal sealed class PromptParameters
{
    /// <summary>None.</summary>
    public static readonly PromptParameters None = Of([]);

    private static readonly string[] Known =
        ["temperature", "top_p", "max_tokens", "stop", "seed", "presence_penalty", "frequency_penalty", "response_format", "tools", "tool_choice", "parallel_tool_calls"];

    // What is text that the model reads.
    private static readonly string[] ReadByTheModel = ["response_format", "tools", "tool_choice"];

    private PromptParameters(IReadOnlyDictionary<string, JsonElement> json, GatewayChatOptions options) => (Json, Options) = (json, options);

    /// <summary>Them, by name, as JSON.</summary>
    public IReadOnlyDictionary<string, JsonElement> Json { get; }

    /// <summary>Them, typed; never changed.</summary>
    public GatewayChatOptions Options { get; }

    /// <summary>Bytes of those that the model reads beside the messages: schemas, tools.</summary>
    public long TextBytes => ReadByTheModel.Sum(name => Json.TryGetValue(name, out var value) ? JsonMarshal.GetRawUtf8Value(value).Length : 0L);

    /// <summary>Reads them from the member of an object; <see cref="None"/> where it has none.</summary>
    /// <exception cref="GatewayException">400: one is not known, or has a value that the API does not take.</exception>
    public static PromptParameters Read(JsonBody body, JsonElement parent)
    {
        const string Field = "parameters";
        if (JsonBody.Optional(parent, Field) is not { } given)
        {
            return None;
        }

        body.RefuseUnknown(body.Object(given), Known);
        RefuseVendorsOwn(body, given);
        try
        {
            return Of(given.EnumerateObject().Where(member => member.Value.ValueKind != JsonValueKind.Null).ToDictionary(member => member.Name, member => member.Value));
        }
        catch (GatewayException exception) when (exception.Field is { } field)
        {
            var path = body.PathOf(given);
            throw new GatewayException(exception.Error, $"{path}.{exception.Message}", $"{path}.{field}", exception);
        }
    }

    /// <summary>These, with others before them where both have one.</summary>
    public PromptParameters With(PromptParameters others)
    {
        if (others.Json.Count == 0)
        {
            return this;
        }

        var all = new Dictionary<string, JsonElement>(Json);
        foreach (var (name, value) in others.Json)
        {
            all[name] = value;
        }

        return Of(all);
    }

    // Those would reach a provider in a caller's bytes alone, which POST /prompts/{name}/run has none of.
    private static void RefuseVendorsOwn(JsonBody body, JsonElement given)
    {
        if (JsonBody.Optional(given, "tools"u8) is { ValueKind: JsonValueKind.Array } tools)
        {
            foreach (var tool in tools.EnumerateArray())
            {
                var type = body.Required(body.Object(tool, "a tool: an object with type and function"), "type"u8, "function");
                if (body.Text(type, "function") != "function")
                {
                    throw body.Invalid(type, "function");
                }
            }
        }

        if (JsonBody.Optional(given, "tool_choice"u8) is { ValueKind: JsonValueKind.Object } choice)
        {
            body.Required(choice, "function"u8, "an object with the function's name");
        }
    }

    // What the API would make of a request that has them.
    private static PromptParameters Of(Dictionary<string, JsonElement> json)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("model", "any");
            writer.WriteStartArray("messages");
            writer.WriteStartObject();
            writer.WriteString("role", "user");
            writer.WriteString("content", "any");
            writer.WriteEndObject();
            writer.WriteEndArray();
            foreach (var (name, value) in json)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        var options = ChatCompletionRequest.Parse(bytes.WrittenMemory.ToArray()).Options;
        options.Original = null;
        return new PromptParameters(json, options);
    }
}
