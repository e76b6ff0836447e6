using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>The unstreamed form of an answer, which is a <c>message</c>, and the events of its streamed form.</summary>
internal static class AnthropicJson
{
    /// <summary>The message; Anthropic gives one choice only.</summary>
    public static JsonObject Message(FakeAnswer answer)
    {
        FakeChoice choice = answer.Choices.Single();
        JsonObject json = Envelope(answer, [.. Blocks(choice).Select(block => block.Whole)]);
        json["stop_reason"] = StopReason(choice);
        if (answer.Usage is { } usage)
            json["usage"] = WholeUsage(usage, usage.CompletionTokens);
        return json.With(choice.MessageExtra).With(choice.Extra).With(answer.Extra);
    }

    /// <summary>The events in order, each a JSON object with its name as <c>type</c>.</summary>
    public static IEnumerable<JsonObject> Events(FakeAnswer answer)
    {
        FakeChoice choice = answer.Choices.Single();
        JsonObject message = Envelope(answer, []);
        if (answer.Usage is { } atStart)
            message["usage"] = WholeUsage(atStart, Math.Min(1, atStart.CompletionTokens));
        yield return new() { ["type"] = "message_start", ["message"] = message.With(choice.MessageExtra).With(answer.Extra) };

        int index = 0;
        foreach (Block block in Blocks(choice))
        {
            yield return new() { ["type"] = "content_block_start", ["index"] = index, ["content_block"] = block.Start };
            if (index == 0)
                yield return new() { ["type"] = "ping" };
            foreach (JsonObject delta in block.Deltas)
                yield return new() { ["type"] = "content_block_delta", ["index"] = index, ["delta"] = delta };
            yield return new() { ["type"] = "content_block_stop", ["index"] = index };
            index++;
        }

        JsonObject last = new()
        {
            ["type"] = "message_delta",
            ["delta"] = new JsonObject { ["stop_reason"] = StopReason(choice), ["stop_sequence"] = null }.With(choice.Extra),
        };
        if (answer.Usage is { } usage)
            last["usage"] = usage.Details ? Counts(usage, usage.CompletionTokens) : new JsonObject { ["output_tokens"] = usage.CompletionTokens };
        yield return last.With(answer.FinishChunkExtra);
        yield return new() { ["type"] = "message_stop" };
    }

    /// <summary>The signature of a choice's thinking: without one of the test's, some bytes that depend on all of the text.</summary>
    public static string Signature(FakeChoice choice) => choice.ReasoningSignature
        ?? Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(choice.Reasoning))));

    private static JsonObject Envelope(FakeAnswer answer, JsonNode[] content) => new()
    {
        ["model"] = answer.Model,
        ["id"] = answer.Id,
        ["type"] = "message",
        ["role"] = "assistant",
        ["content"] = new JsonArray(content),
        ["stop_reason"] = null,
        ["stop_sequence"] = null,
    };

    private static JsonObject WholeUsage(FakeUsage usage, int outputTokens)
    {
        JsonObject json = Counts(usage, outputTokens);
        if (usage.Details)
        {
            json["cache_creation"] = new JsonObject
            {
                ["ephemeral_5m_input_tokens"] = usage.CacheWriteTokens,
                ["ephemeral_1h_input_tokens"] = 0,
            };
            json["service_tier"] = "standard";
        }
        return json.With(usage.Extra);
    }

    /// <summary>The input tokens are those that no cache has anything to do with.</summary>
    private static JsonObject Counts(FakeUsage usage, int outputTokens) => new()
    {
        ["input_tokens"] = usage.PromptTokens - usage.CachedTokens - usage.CacheWriteTokens,
        ["cache_creation_input_tokens"] = usage.CacheWriteTokens,
        ["cache_read_input_tokens"] = usage.CachedTokens,
        ["output_tokens"] = outputTokens,
    };

    private static IEnumerable<Block> Blocks(FakeChoice choice)
    {
        if (choice.Reasoning.Count > 0)
        {
            yield return new(
                Thinking("", ""),
                [.. choice.Reasoning.Select(text => Delta("thinking", text)), Delta("signature", Signature(choice))],
                Thinking(string.Concat(choice.Reasoning), Signature(choice)));
        }
        string[] texts = [.. choice.Content, .. choice.Refusal];
        if (texts.Length > 0)
            yield return new(Text(""), [.. texts.Select(text => Delta("text", text))], Text(string.Concat(texts)));
        foreach (FakeToolCall call in choice.ToolCalls)
        {
            yield return new(
                ToolUse(call, []),
                [.. call.Arguments.Select(json => new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = json })],
                ToolUse(call, AnswerJson.Arguments(call)));
        }
    }

    private static JsonObject Delta(string kind, string text) => new() { ["type"] = kind + "_delta", [kind] = text };

    private static JsonObject Text(string text) => new() { ["type"] = "text", ["text"] = text };

    private static JsonObject Thinking(string text, string signature) =>
        new() { ["type"] = "thinking", ["thinking"] = text, ["signature"] = signature };

    private static JsonObject ToolUse(FakeToolCall call, JsonObject input) =>
        new() { ["type"] = "tool_use", ["id"] = call.Id, ["name"] = call.Name, ["input"] = input };

    private static string StopReason(FakeChoice choice) => choice.FinishReason switch
    {
        "stop" => "end_turn",
        "length" => "max_tokens",
        "tool_calls" => "tool_use",
        "content_filter" => "refusal",
        string other => other,
    };

    /// <summary>A content block: how it starts in a stream, what is added to it there, and what it is in the end.</summary>
    private sealed record Block(JsonObject Start, IReadOnlyList<JsonObject> Deltas, JsonObject Whole);
}
