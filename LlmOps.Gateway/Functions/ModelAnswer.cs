using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Providers;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Functions;

/// <summary>What a model said in one round, whole: typed, and as a message in OpenAI's form that can be asked of a model again.</summary>
internal sealed class ModelAnswer
{
    // A call of no name is one of a tool that there is not.
    private const string Nameless = "unknown";

    private readonly ReadOnlyMemory<byte>? _completion;
    private readonly string _model;
    private JsonObject? _message;

    /// <param name="typed">The answer.</param>
    /// <param name="completion">The provider's own bytes of it, where they are a completion in OpenAI's form; null for none.</param>
    /// <param name="model">The model as the caller names it.</param>
    public ModelAnswer(ChatResponse typed, ReadOnlyMemory<byte>? completion, string model)
    {
        (Typed, _completion, _model) = (typed, completion, model);
        HasCalls = typed.Messages.Any(message => message.Contents.Any(content => content is FunctionCallContent));
    }

    /// <summary>The answer.</summary>
    public ChatResponse Typed { get; }

    /// <summary>Whether tools are called in it.</summary>
    public bool HasCalls { get; }

    /// <summary>Whether it broke off: what it calls may not be all that it means to.</summary>
    public bool IsCut => Typed.FinishReason is { } reason && reason != ChatFinishReason.ToolCalls && reason != ChatFinishReason.Stop;

    /// <summary>Its message: the provider's own where it can be asked again, so that what nobody here knows survives.</summary>
    public JsonObject Message => _message ??= Own() is { } own && Conversation.CanRead(own) ? own : Written();

    /// <summary>Its usage in OpenAI's form; null where the provider did not say.</summary>
    public JsonObject? Usage
    {
        get
        {
            if (_completion is { } completion && JsonNode.Parse(completion.Span) is JsonObject root && root["usage"] is JsonObject own)
            {
                return own;
            }

            return Typed.Usage is { InputTokenCount: not null } usage ? (JsonObject)Made(json => ChatCompletionWriter.WriteUsage(json, usage)) : null;
        }
    }

    /// <summary>The calls of its message.</summary>
    public IEnumerable<JsonObject> Calls => (Message["tool_calls"] as JsonArray)?.OfType<JsonObject>() ?? [];

    /// <summary>One of them.</summary>
    public static ToolCall Read(JsonObject call)
    {
        var custom = call["custom"] as JsonObject;
        var function = custom ?? (JsonObject)call["function"]!;
        return new ToolCall((string)call["id"]!, (string)function["name"]!, (string?)function[custom is null ? "arguments" : "input"] ?? "");
    }

    private JsonObject? Own()
    {
        if (_completion is not { } completion)
        {
            return null;
        }

        try
        {
            var message = (JsonNode.Parse(WireJson.WholePairs(completion).Span)?["choices"] as JsonArray)?.FirstOrDefault()?["message"] as JsonObject;
            return message is null ? null : Completed(message);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or JsonException)
        {
            // Of another form than the protocol's, or a name twice.
            return null;
        }
    }

    private JsonObject Written()
    {
        var output = new ArrayBufferWriter<byte>(1024);
        ChatCompletionWriter.Write(output, Typed, _model);
        return Completed((JsonObject)JsonNode.Parse(output.WrittenSpan)!["choices"]![0]!["message"]!);
    }

    // What a call needs so that it can be answered and asked of a model again, where the model has left it out.
    private static JsonObject Completed(JsonObject message)
    {
        message.Parent?.AsObject().Remove("message");
        message["role"] = "assistant";
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var call in (message["tool_calls"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            if ((string?)call["id"] is not { Length: > 0 } id || !ids.Add(id))
            {
                call["id"] = ToolCallIds.New();
            }

            if (call["custom"] is null)
            {
                if (call["function"] is not JsonObject function)
                {
                    call["function"] = function = [];
                }

                function["name"] = (string?)function["name"] is { Length: > 0 } name ? name : Nameless;
                function["arguments"] = function["arguments"] switch
                {
                    null => "{}",
                    JsonObject given => given.ToJsonString(),
                    var text => (string?)text,
                };
            }
        }

        return message;
    }

    private static JsonNode Made(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(output, Json.WriterOptions))
        {
            write(json);
        }

        return JsonNode.Parse(output.WrittenSpan)!;
    }
}
