using System.Text.Json;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>A POST /invoke, checked and typed.</summary>
/// <param name="Model">The model as the caller names it; null for the default one.</param>
/// <param name="CallersKey">A key for OpenAI that the caller brings; null where it brings none.</param>
/// <param name="Messages">The conversation it amounts to: system_prompt, messages, user_prompt.</param>
/// <param name="Options">Parameters, with the defaults where the caller gives none.</param>
internal sealed record InvokeRequest(string? Model, Secret? CallersKey, IReadOnlyList<ChatMessage> Messages, GatewayChatOptions Options)
{
    private const string RequestIdField = "request_id";
    private const int LongestRequestId = 256;
    private const int DefaultMaxTokens = 1000;

    private static readonly string[] Fields = [RequestIdField, "user_prompt", "system_prompt", "messages", Providers.CallersKey.Field, "model", "temperature", "max_tokens"];
    private static readonly string[] MessageFields = ["type", "content"];

    /// <summary>What the caller calls the request.</summary>
    /// <exception cref="GatewayException">400: it is missing, or is no such name.</exception>
    public static string RequestIdOf(JsonBody body)
    {
        var value = body.Required(body.Root, "request_id"u8, "a name of yours for the request");
        var expected = $"1 to {LongestRequestId} characters";
        return body.NonEmptyText(value, expected) is { Length: <= LongestRequestId } id ? id : throw body.Invalid(value, expected);
    }

    /// <summary>Checks and types a body but for its request_id.</summary>
    /// <exception cref="GatewayException">400, with the field and what was expected.</exception>
    public static InvokeRequest Parse(JsonBody body, EndpointOptions defaults)
    {
        PlainFields.RefuseUnknown(body, Fields);
        var root = body.Root;
        List<ChatMessage> messages = [];
        if (JsonBody.Optional(root, "system_prompt"u8) is { } system && body.Text(system) is { Length: > 0 } instruction)
        {
            messages.Add(new ChatMessage(ChatRole.System, instruction));
        }

        if (JsonBody.Optional(root, "messages"u8) is { } said)
        {
            messages.AddRange(body.Array(said, "a list of messages").EnumerateArray().Select((message, index) => Message(body, message, $"messages[{index}]")));
        }

        messages.Add(new ChatMessage(ChatRole.User, body.NonEmptyText(body.Required(root, "user_prompt"u8, "the prompt"))));
        return new InvokeRequest(
            JsonBody.Optional(root, "model"u8) is { } model ? body.NonEmptyText(model) : null,
            JsonBody.Optional(root, Providers.CallersKey.Field) is { } key ? Providers.CallersKey.Read(key) : null,
            messages,
            PlainFields.Options(body, defaults.DefaultTemperature, defaults.DefaultMaxTokensOr(DefaultMaxTokens), wantsLogprobs: true));
    }

    private static ChatMessage Message(JsonBody body, JsonElement message, string path)
    {
        const string Types = "system, human, ai or tool";
        foreach (var field in body.Object(message, "an object with type and content").EnumerateObject().Where(field => !MessageFields.Contains(field.Name)))
        {
            throw new GatewayException(ErrorCode.UnsupportedParameter, $"{path}.{Shown.Short(field.Name)} is not a field of this endpoint; expected type and content.", $"{path}.{Shown.Short(field.Name)}");
        }

        var type = body.Required(message, "type"u8, Types);
        var content = body.Text(body.Required(message, "content"u8, "a text"));
        return body.Text(type, Types) switch
        {
            "system" => new ChatMessage(ChatRole.System, content),
            "human" => new ChatMessage(ChatRole.User, content),
            "ai" => new ChatMessage(ChatRole.Assistant, content),

            // Providers take a tool's result only after the very call that it answers, which this form does not have: it is told in words.
            "tool" => new ChatMessage(ChatRole.User, $"Result of a tool:\n{content}"),
            _ => throw body.Invalid(type, Types),
        };
    }
}
