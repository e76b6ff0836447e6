using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>A POST /chat, checked and typed: <c>{prompt, context?, system?, model?, temperature?, max_tokens?}</c>.</summary>
/// <param name="Model">The model as the caller names it; null for the default one.</param>
/// <param name="Messages">The conversation it amounts to.</param>
/// <param name="Options">Parameters, with the gateway's defaults where the caller gives none.</param>
internal sealed record ChatRequest(string? Model, IReadOnlyList<ChatMessage> Messages, GatewayChatOptions Options)
{
    private static readonly string[] Fields = ["prompt", "context", "system", "model", "temperature", "max_tokens"];

    /// <summary>Checks and types a body.</summary>
    /// <exception cref="GatewayException">400, with the field and what was expected.</exception>
    public static ChatRequest Parse(JsonBody body, EndpointOptions defaults)
    {
        PlainFields.RefuseUnknown(body, Fields);
        var prompt = body.NonEmptyText(body.Required(body.Root, "prompt"u8, "the prompt"));
        var context = Text(body, "context");
        List<ChatMessage> messages = [];
        if (Text(body, "system") is { Length: > 0 } system)
        {
            messages.Add(new ChatMessage(ChatRole.System, system));
        }

        messages.Add(new ChatMessage(ChatRole.User, string.IsNullOrEmpty(context) ? prompt : $"Context:\n{context}\n\n{prompt}"));
        var options = PlainFields.Options(body, defaults.DefaultTemperature, defaults.DefaultMaxTokens);
        return new ChatRequest(JsonBody.Optional(body.Root, "model"u8) is { } model ? body.NonEmptyText(model) : null, messages, options);
    }

    private static string? Text(JsonBody body, string name) => JsonBody.Optional(body.Root, name) is { } value ? body.Text(value) : null;
}
