using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>The unstreamed form of an answer and the lines of its streamed form: each is a <c>ChatResponse</c>.</summary>
internal static class OllamaJson
{
    /// <summary>The unstreamed body; Ollama gives one choice only.</summary>
    public static JsonObject Completion(FakeAnswer answer)
    {
        FakeChoice choice = answer.Choices.Single();
        JsonObject message = Message(string.Concat([.. choice.Content, .. choice.Refusal]));
        if (choice.Reasoning.Count > 0)
            message["thinking"] = string.Concat(choice.Reasoning);
        if (choice.ToolCalls.Count > 0)
            message["tool_calls"] = new JsonArray([.. choice.ToolCalls.Select((call, index) => Call(answer, call, index))]);
        return Finish(answer, choice, Response(answer, message.With(choice.MessageExtra), 0), choice.Logprobs).With(answer.Extra);
    }

    /// <summary>The lines in order; each tool call has one of its own.</summary>
    public static IEnumerable<JsonObject> Lines(FakeAnswer answer)
    {
        FakeChoice choice = answer.Choices.Single();
        int number = 0;
        foreach (JsonObject message in choice.Reasoning.Select(Thinking))
            yield return Chunk(message);
        foreach ((int at, string text) in choice.Content.Index())
            yield return Chunk(Message(text), choice.Logprobs.Skip(at).Take(1));
        foreach (string text in choice.Refusal)
            yield return Chunk(Message(text));
        foreach ((int index, FakeToolCall call) in choice.ToolCalls.Index())
            yield return Chunk(Message("").Plus("tool_calls", new JsonArray(Call(answer, call, index))));
        yield return Finish(answer, choice, Response(answer, Message("").With(choice.MessageExtra), number), [])
            .With(answer.FinishChunkExtra).With(answer.Extra);

        JsonObject Chunk(JsonObject message, params IEnumerable<FakeLogprob> logprobs)
        {
            JsonObject json = Response(answer, message, number++);
            json["done"] = false;
            return WithLogprobs(json, logprobs).With(answer.Extra);
        }
    }

    /// <summary>A time as Go writes it, down to the nanosecond; each line of a stream is a little later.</summary>
    public static string Time(long created, int number) => string.Create(
        CultureInfo.InvariantCulture, $"{DateTimeOffset.FromUnixTimeSeconds(created):yyyy-MM-ddTHH:mm:ss}.{123456789 + (number * 20_000_001L) % 800_000_000:D9}Z");

    private static JsonObject Response(FakeAnswer answer, JsonObject message, int number) => new()
    {
        ["model"] = answer.Model,
        ["created_at"] = Time(answer.Created, number),
        ["message"] = message,
    };

    /// <summary>Adds what only the last line has. A count of zero is left out, as Go does by <c>omitempty</c>.</summary>
    private static JsonObject Finish(FakeAnswer answer, FakeChoice choice, JsonObject json, IEnumerable<FakeLogprob> logprobs)
    {
        json["done"] = true;
        json["done_reason"] = DoneReason(choice);
        json["total_duration"] = 174_560_334L;
        json["load_duration"] = 101_397_084L;
        if (answer.Usage is { } usage)
        {
            if (usage.PromptTokens != 0)
                json["prompt_eval_count"] = usage.PromptTokens;
            json["prompt_eval_duration"] = 13_074_791L;
            if (usage.CompletionTokens != 0)
                json["eval_count"] = usage.CompletionTokens;
            json["eval_duration"] = 52_479_709L;
            json.With(usage.Extra);
        }
        return WithLogprobs(json, logprobs).With(choice.Extra);
    }

    private static JsonObject WithLogprobs(JsonObject json, IEnumerable<FakeLogprob> logprobs)
    {
        JsonNode[] tokens = [.. logprobs.Select(token => Token(token).Plus("top_logprobs", new JsonArray([.. token.Top.Select(Token)])))];
        return tokens.Length == 0 ? json : json.Plus("logprobs", new JsonArray(tokens));
    }

    private static JsonObject Token(FakeLogprob token) => new()
    {
        ["token"] = token.Token,
        ["logprob"] = token.Logprob,
        ["bytes"] = new JsonArray([.. Encoding.UTF8.GetBytes(token.Token).Select(value => JsonValue.Create((int)value))]),
    };

    private static JsonObject Message(string text) => new() { ["role"] = "assistant", ["content"] = text };

    private static JsonObject Thinking(string text) => Message("").Plus("thinking", text);

    private static JsonObject Call(FakeAnswer answer, FakeToolCall call, int index)
    {
        JsonObject json = [];
        if (answer.CallIds)
            json["id"] = call.Id;
        return json.Plus("function", new JsonObject { ["index"] = index, ["name"] = call.Name, ["arguments"] = AnswerJson.Arguments(call) });
    }

    private static JsonObject Plus(this JsonObject json, string name, JsonNode value)
    {
        json[name] = value;
        return json;
    }

    private static string DoneReason(FakeChoice choice) =>
        choice.FinishReason is "tool_calls" or "content_filter" ? "stop" : choice.FinishReason;
}
