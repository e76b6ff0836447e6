using System.Runtime.InteropServices;
using System.Text.Json;
using LlmOps.Gateway.Errors;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>Reads a whole completion, and the parts it shares with a chunk of a stream.</summary>
internal static class OpenAIResponseReader
{
    /// <summary>The typed form of a completion, with the provider's bytes beside it.</summary>
    /// <exception cref="ProviderException">It is an error object, or not a completion.</exception>
    public static ChatResponse Read(OpenAIErrors errors, ReadOnlyMemory<byte> json)
    {
        using var document = Parse(errors, json);
        var root = document.RootElement;
        errors.ThrowIfError(root);
        if (OpenAIJson.Member(root, "choices") is not { ValueKind: JsonValueKind.Array } choices || choices.GetArrayLength() == 0)
        {
            throw errors.Malformed("an answer without choices");
        }

        var response = new ChatResponse
        {
            ResponseId = OpenAIJson.Text(root, "id"),
            ModelId = OpenAIJson.Text(root, "model"),
            CreatedAt = CreatedAt(root),
            Usage = Usage(root),
            RawRepresentation = Payload(json, root),
        };
        foreach (var choice in choices.EnumerateArray())
        {
            if (OpenAIJson.Member(choice, "message") is not { ValueKind: JsonValueKind.Object } message)
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
        if (OpenAIJson.Text(choice, "finish_reason") == "error")
        {
            throw errors.Failed();
        }
    }

    /// <summary>The JSON as a document; whatever is not an object is not this protocol.</summary>
    public static JsonDocument Parse(OpenAIErrors errors, ReadOnlyMemory<byte> json)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException exception)
        {
            throw errors.Malformed("something that is not valid JSON", exception);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }

        // Some put an error object into an array of one.
        using (document)
        {
            if (document.RootElement is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() == 1)
            {
                errors.ThrowIfError(array[0]);
            }

            throw errors.Malformed("JSON that is not an object");
        }
    }

    /// <summary>The bytes, with the place of the model's name in them.</summary>
    public static OpenAIPayload Payload(ReadOnlyMemory<byte> json, JsonElement root, bool withheld = false)
    {
        if (OpenAIJson.Member(root, "model") is not { ValueKind: JsonValueKind.String } model)
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
        if ((OpenAIJson.Text(message, "reasoning_content") ?? OpenAIJson.Text(message, "reasoning")) is { Length: > 0 } reasoning)
        {
            contents.Add(new TextReasoningContent(reasoning));
        }

        if (OpenAIJson.Member(message, "content") is { } content)
        {
            AddContent(contents, content);
        }

        if (OpenAIJson.Text(message, "refusal") is { Length: > 0 } refusal)
        {
            contents.Add(new ErrorContent(refusal) { ErrorCode = OpenAIContent.RefusalCode });
        }

        if (OpenAIJson.Member(message, "audio") is not null || OpenAIJson.Member(message, "images") is not null)
        {
            // Content all the same, though only the provider's own bytes hold it.
            contents.Add(new AIContent());
        }
    }

    public static UsageDetails? Usage(JsonElement root)
    {
        if (OpenAIJson.Member(root, "usage") is not { ValueKind: JsonValueKind.Object } usage)
        {
            return null;
        }

        var input = OpenAIJson.Member(usage, "prompt_tokens_details");
        var output = OpenAIJson.Member(usage, "completion_tokens_details");
        return new UsageDetails
        {
            InputTokenCount = Count(usage, "prompt_tokens"),
            OutputTokenCount = Count(usage, "completion_tokens"),
            TotalTokenCount = Count(usage, "total_tokens"),
            CachedInputTokenCount = Count(input, "cached_tokens"),
            ReasoningTokenCount = Count(output, "reasoning_tokens"),
        };
    }

    /// <summary>Why a choice ended; null where it has not.</summary>
    public static ChatFinishReason? FinishReason(JsonElement choice) => OpenAIJson.Text(choice, "finish_reason") switch
    {
        null => null,
        "stop" => ChatFinishReason.Stop,
        "length" => ChatFinishReason.Length,
        "tool_calls" or "function_call" => ChatFinishReason.ToolCalls,
        "content_filter" => ChatFinishReason.ContentFilter,
        var other => new ChatFinishReason(other),
    };

    public static DateTimeOffset? CreatedAt(JsonElement root) =>
        OpenAIJson.Member(root, "created") is { ValueKind: JsonValueKind.Number } created && created.TryGetInt64(out var seconds) && seconds is >= 0 and < 253_402_300_800
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static List<AIContent> Contents(JsonElement message)
    {
        var contents = new List<AIContent>(1);
        AddText(contents, message);
        if (OpenAIJson.Member(message, "tool_calls") is { ValueKind: JsonValueKind.Array } calls)
        {
            foreach (var call in calls.EnumerateArray())
            {
                var function = OpenAIJson.Member(call, "function") ?? OpenAIJson.Member(call, "custom");
                contents.Add(OpenAIContent.ReadToolCall(OpenAIJson.Text(call, "id"), OpenAIJson.Text(function, "name") ?? "", OpenAIJson.Text(function, "arguments") ?? OpenAIJson.Text(function, "input") ?? ""));
            }
        }

        if (OpenAIJson.Member(message, "function_call") is { } legacy)
        {
            contents.Add(OpenAIContent.ReadToolCall(null, OpenAIJson.Text(legacy, "name") ?? "", OpenAIJson.Text(legacy, "arguments") ?? ""));
        }

        return contents;
    }

    private static void AddContent(List<AIContent> contents, JsonElement content)
    {
        if (content.ValueKind == JsonValueKind.String)
        {
            if (OpenAIJson.Text(content) is { Length: > 0 } text)
            {
                contents.Add(new TextContent(text));
            }
        }
        else if (content.ValueKind == JsonValueKind.Array)
        {
            foreach (var part in content.EnumerateArray())
            {
                contents.Add(OpenAIJson.Text(part, "text") is { } partText ? new TextContent(partText) : new AIContent());
            }
        }
    }

    private static long? Count(JsonElement? parent, string name) =>
        OpenAIJson.Member(parent, name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var count) ? count : null;
}
