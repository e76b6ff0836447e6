using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;

namespace LlmOps.Gateway.Endpoints.Prompts;

/// <summary>
/// A POST /v1/chat/completions whose model is <c>prompt:NAME</c>, <c>prompt:NAME@v2</c> or <c>prompt:NAME@label</c>: it becomes one
/// with the prompt's messages before its own, the prompt's parameters where it has none, and the model of the prompt. Its metadata
/// are the values of the prompt's variables, and go no further.
/// </summary>
internal sealed class PromptCompletion(PromptRenderer renderer)
{
    private const string Prefix = "prompt:";

    /// <summary>The request in its place; the body as it is where it names a model.</summary>
    /// <param name="body">The caller's body.</param>
    /// <param name="facts">The request; what it is made from is noted there.</param>
    /// <exception cref="GatewayException">It names a prompt, and cannot be made from it.</exception>
    // Nearly all requests name a model, and are not looked into for this.
    public ValueTask<ChatCallRequest> ReadAsync(ReadOnlyMemory<byte> body, GatewayRequest facts) =>
        body.Span.IndexOf("\"prompt:"u8) < 0 ? ValueTask.FromResult<ChatCallRequest>(ChatCompletionRequest.Parse(body)) : ReadPromptAsync(body, facts);

    private async ValueTask<ChatCallRequest> ReadPromptAsync(ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        var json = JsonBody.Parse(body);
        return JsonBody.Optional(json.Root, "model"u8) is { ValueKind: JsonValueKind.String } model && json.Text(model) is var name && name.StartsWith(Prefix, StringComparison.Ordinal)
            ? ChatCompletionRequest.Parse(JsonBody.Parse(await MakeAsync(json, name[Prefix.Length..], facts)))
            : ChatCompletionRequest.Parse(json);
    }

    private async ValueTask<ReadOnlyMemory<byte>> MakeAsync(JsonBody body, string asked, GatewayRequest facts)
    {
        var at = asked.IndexOf('@', StringComparison.Ordinal);
        var (name, which) = at < 0 ? (asked, null) : (asked[..at], asked[(at + 1)..]);
        var isVersion = which is not null && VersionName.Parse(which) is not null;
        // As in an experiment of users, who is meant by it.
        facts.User = JsonBody.Optional(body.Root, "user"u8) is { } user ? PlainFields.Label(body, user) : facts.User;
        var (use, rendered) = await renderer.RenderAsync(
            facts, name, isVersion ? which : null, isVersion ? null : which, namesModel: false, version => PromptValues.Read(version, MetadataOf(body), "metadata"));
        var own = JsonBody.Optional(body.Root, "messages"u8) is { } messages && body.Array(messages, "a list of messages").GetArrayLength() > 0 ? messages : (JsonElement?)null;
        if (own is { } checkedFirst)
        {
            // Here a fault still has the path that the caller knows.
            ChatMessageParser.Parse(body, checkedFirst);
        }

        var bytes = new ArrayBufferWriter<byte>(body.Bytes.Length * 2);
        using (var json = new Utf8JsonWriter(bytes, Json.WriterOptions))
        {
            json.WriteStartObject();
            json.WriteString("model", use.Model ?? facts.Configuration.Models.DefaultModel);
            json.WriteStartArray("messages");
            foreach (var message in rendered)
            {
                json.WriteStartObject();
                json.WriteString("role", message.Role.Value);
                json.WriteString("content", message.Text);
                json.WriteEndObject();
            }

            foreach (var message in own?.EnumerateArray().AsEnumerable() ?? [])
            {
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(message));
            }

            json.WriteEndArray();
            WriteParameters(json, body.Root, use.Parameters);
            json.WriteEndObject();
        }

        return bytes.WrittenMemory;
    }

    private static JsonElement? MetadataOf(JsonBody body) =>
        JsonBody.Optional(body.Root, "metadata"u8) is { } given ? body.Object(given, "an object of the prompt's variables and their values") : null;

    // The caller's own fields, and those of the prompt that the caller does not give.
    private static void WriteParameters(Utf8JsonWriter json, JsonElement root, PromptParameters parameters)
    {
        foreach (var member in root.EnumerateObject().Where(member => member.Name is not ("model" or "messages" or "metadata") && member.Value.ValueKind != JsonValueKind.Null))
        {
            json.WritePropertyName(member.Name);
            json.WriteRawValue(JsonMarshal.GetRawUtf8Value(member.Value));
        }

        foreach (var (name, value) in parameters.Json)
        {
            if (JsonBody.Optional(root, name) is null && !(name == "max_tokens" && JsonBody.Optional(root, "max_completion_tokens"u8) is not null))
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }
    }
}
