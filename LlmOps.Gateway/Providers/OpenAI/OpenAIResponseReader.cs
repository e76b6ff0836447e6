using System.Runtime.InteropServices;
using System.Text.Json;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>Reads a whole completion, and the parts it shares with a chunk of a stream.</summary>
internal static class OpenAIResponseReader
{
    /// <summary>The typed form of a completion, with the provider's bytes beside it.</summary>
    /// <exception cref="ProviderException">It is not a completion.</exception>
    public static ChatResponse Read(OpenAIErrors errors, ReadOnlyMemory<byte> json, JsonElement root)
    {
        if (WireJson.Member(root, "choices") is not { ValueKind: JsonValueKind.Array } choices || choices.GetArrayLength() == 0)
        {
            throw errors.Malformed("an answer without choices");
        }

        var response = new ChatResponse
        {
            ResponseId = WireJson.Text(root, "id"),
            ModelId = WireJson.Text(root, "model"),
            CreatedAt = CreatedAt(root),
            Usage = OpenAIUsage.Read(root),
            AdditionalProperties = Tier(root),
            RawRepresentation = Payload(json, root),
        };
        foreach (var choice in choices.EnumerateArray())
        {
            if (WireJson.Member(choice, "message") is not { ValueKind: JsonValueKind.Object } message)
            {
                throw errors.Malformed("a choice without a message");
            }

            ThrowIfFailed(errors, choice);

            // The first choice speaks for the answer; the others are whole in the provider's bytes.
            response.FinishReason ??= FinishReason(choice);
            response.Messages.Add(new ChatMessage(ChatRole.Assistant, Contents(message)) { MessageId = response.ResponseId });
        }

        return response;
    }

    /// <summary>Some servers tell a failure in the choice it befell, or by its finish reason alone.</summary>
    public static void ThrowIfFailed(OpenAIErrors errors, JsonElement choice)
    {
        errors.ThrowIfError(choice);
        if (WireJson.Text(choice, "finish_reason") == "error")
        {
            throw errors.Failed("error");
        }
    }

    /// <summary>The bytes, with the place of the model's name in them.</summary>
    public static OpenAIPayload Payload(ReadOnlyMemory<byte> json, JsonElement root, bool withheld = false)
    {
        if (WireJson.Member(root, "model") is not { ValueKind: JsonValueKind.String } model)
        {
            return new OpenAIPayload(json, -1, 0, withheld);
        }

        var raw = JsonMarshal.GetRawUtf8Value(model);
        json.Span.Overlaps(raw, out var start);
        return new OpenAIPayload(json, start, raw.Length, withheld);
    }

    /// <summary>Adds the text-like contents of a message or a delta; vendors name reasoning in two ways.</summary>
    public static void AddText(List<AIContent> contents, JsonElement message)
    {
        if ((WireJson.Text(message, "reasoning_content") ?? WireJson.Text(message, "reasoning")) is { Length: > 0 } reasoning)
        {
            contents.Add(new TextReasoningContent(reasoning));
        }

        if (WireJson.Member(message, "content") is { } content)
        {
            AddContent(contents, content);
        }

        if (WireJson.Text(message, "refusal") is { Length: > 0 } refusal)
        {
            contents.Add(new ErrorContent(refusal) { ErrorCode = OpenAIContent.RefusalCode });
        }

        if (WireJson.Member(message, "audio") is not null || WireJson.Member(message, "images") is not null)
        {
            // Content all the same, though only the provider's own bytes hold it.
            contents.Add(new AIContent());
        }
    }

    /// <summary>The service tier that answered, where it is not the standard one: it may have prices of its own.</summary>
    public static AdditionalPropertiesDictionary? Tier(JsonElement root) =>
        WireJson.Text(root, "service_tier") is { } tier and not "default" ? new() { [MessageProperties.ServiceTier] = tier } : null;

    /// <summary>Why a choice ended; null where it has not.</summary>
    public static ChatFinishReason? FinishReason(JsonElement choice) => WireJson.Text(choice, "finish_reason") switch
    {
        null => null,
        "stop" => ChatFinishReason.Stop,
        "length" => ChatFinishReason.Length,
        "tool_calls" or "function_call" => ChatFinishReason.ToolCalls,
        "content_filter" => ChatFinishReason.ContentFilter,
        var other => new ChatFinishReason(other),
    };

    public static DateTimeOffset? CreatedAt(JsonElement root) =>
        WireJson.Member(root, "created") is { ValueKind: JsonValueKind.Number } created && created.TryGetInt64(out var seconds) && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static List<AIContent> Contents(JsonElement message)
    {
        var contents = new List<AIContent>(1);
        AddText(contents, message);
        if (WireJson.Member(message, "tool_calls") is { ValueKind: JsonValueKind.Array } calls)
        {
            foreach (var call in calls.EnumerateArray())
            {
                var function = WireJson.Member(call, "function") ?? WireJson.Member(call, "custom");
                contents.Add(OpenAIContent.ReadToolCall(WireJson.Text(call, "id"), WireJson.Text(function, "name") ?? "", WireJson.Text(function, "arguments") ?? WireJson.Text(function, "input") ?? ""));
            }
        }

        if (WireJson.Member(message, "function_call") is { } legacy)
        {
            contents.Add(OpenAIContent.ReadToolCall(null, WireJson.Text(legacy, "name") ?? "", WireJson.Text(legacy, "arguments") ?? ""));
        }

        return contents;
    }

    private static void AddContent(List<AIContent> contents, JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            if (WireJson.Text(content) is { Length: > 0 } text)
            {
                contents.Add(new TextContent(text));
            }
        }
        else if (content.ValueKind == JsonValueKind.Array)
        {
            foreach (var part in content.EnumerateArray())
            {
                contents.Add(WireJson.Text(part, "text") is { } partText ? new TextContent(partText) : new AIContent());
            }
        }
    }
}
