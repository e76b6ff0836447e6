using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Protocol;

namespace LlmOps.Gateway.Endpoints.Mcp;

/// <summary>The tool <c>chat</c>: as POST /chat, and with a conversation before the prompt.</summary>
internal sealed class McpChatTool(TimeProvider time) : PlainAnswer(time)
{
    private const string Roles = "user, assistant or system";

    private static readonly string[] Fields = ["prompt", "messages", "system", "model", "temperature", "max_tokens"];

    /// <summary>The tool, as clients see it.</summary>
    public static Tool Tool { get; } = new()
    {
        Name = "chat",
        Title = "Ask a model",
        Description = "Asks a language model of the gateway, and returns its answer.",
        InputSchema = JsonElement.Parse("""
            {
              "type": "object",
              "properties": {
                "prompt": { "type": "string", "minLength": 1, "description": "What to answer; sent last. Needed where there are no messages." },
                "messages": {
                  "type": "array",
                  "description": "The conversation before the prompt, the oldest first.",
                  "items": {
                    "type": "object",
                    "properties": { "role": { "type": "string", "enum": ["user", "assistant", "system"] }, "content": { "type": "string" } },
                    "required": ["role", "content"],
                    "additionalProperties": false
                  }
                },
                "system": { "type": "string", "description": "How to answer; sent first." },
                "model": { "type": "string", "description": "A model's name, as the gateway lists them; its default model if absent." },
                "temperature": { "type": "number", "minimum": 0, "maximum": 2 },
                "max_tokens": { "type": "integer", "minimum": 1, "description": "Most tokens of the answer." }
              },
              "additionalProperties": false
            }
            """),
    };

    /// <inheritdoc/>
    public override string Family => "/chat";

    /// <inheritdoc/>
    public override ValueTask<ChatCallRequest> ReadAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        var json = JsonBody.Parse(body, "arguments");
        PlainFields.RefuseUnknown(json, Fields);
        var defaults = facts.Configuration.Options.Endpoints;
        var options = PlainFields.Options(json, defaults.DefaultTemperature, defaults.DefaultMaxTokens);
        var model = JsonBody.Optional(json.Root, "model"u8) is { } named ? json.NonEmptyText(named) : facts.Configuration.Models.DefaultModel;
        return ValueTask.FromResult(new ChatCallRequest(model, Messages(json), options, Stream: false));
    }

    private static List<ChatMessage> Messages(JsonBody json)
    {
        List<ChatMessage> messages = [];
        if (JsonBody.Optional(json.Root, "system"u8) is { } system && json.Text(system) is { Length: > 0 } instruction)
        {
            messages.Add(new ChatMessage(ChatRole.System, instruction));
        }

        var said = JsonBody.Optional(json.Root, "messages"u8) is { } list ? json.Array(list, "a list of messages").EnumerateArray().Select(message => Message(json, message)).ToList() : [];
        messages.AddRange(said);
        if (JsonBody.Optional(json.Root, "prompt"u8) is { } prompt)
        {
            messages.Add(new ChatMessage(ChatRole.User, json.NonEmptyText(prompt)));
        }
        else if (said.Count == 0)
        {
            throw json.Missing(json.Root, "prompt"u8, "the prompt, or messages");
        }

        return messages;
    }

    private static ChatMessage Message(JsonBody json, JsonElement message)
    {
        json.RefuseUnknown(json.Object(message, "an object with role and content"), "role", "content");
        var role = json.Required(message, "role"u8, Roles);
        var content = json.Text(json.Required(message, "content"u8, "a text"));
        return json.Text(role, Roles) switch
        {
            "user" => new ChatMessage(ChatRole.User, content),
            "assistant" => new ChatMessage(ChatRole.Assistant, content),
            "system" => new ChatMessage(ChatRole.System, content),
            _ => throw json.Invalid(role, Roles),
        };
    }
}
