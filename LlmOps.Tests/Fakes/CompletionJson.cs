using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>The unstreamed form of an answer: one <c>chat.completion</c>.</summary>
internal static class CompletionJson
{
    public static JsonObject Of(FakeAnswer answer)
    {
        JsonObject json = AnswerJson.Envelope(answer, "chat.completion");
        json["choices"] = new JsonArray([.. answer.Choices.Select((choice, index) => Choice(answer, choice, index))]);
        if (answer.Usage is { } usage)
            json["usage"] = AnswerJson.Usage(usage);
        return json.With(answer.Extra);
    }

    private static JsonObject Choice(FakeAnswer answer, FakeChoice choice, int index) => new JsonObject
    {
        ["index"] = index,
        ["message"] = Message(answer, choice),
        ["logprobs"] = AnswerJson.Logprobs(choice.Logprobs),
        ["finish_reason"] = choice.FinishReason,
    }.With(choice.Extra);

    private static JsonObject Message(FakeAnswer answer, FakeChoice choice)
    {
        JsonObject message = new() { ["role"] = "assistant", ["content"] = AnswerJson.Joined(choice.Content) };
        if (choice.Reasoning.Count > 0)
            message[answer.ReasoningField] = AnswerJson.Joined(choice.Reasoning);
        if (choice.ToolCalls.Count > 0)
            message["tool_calls"] = new JsonArray(
                [.. choice.ToolCalls.Select(call => AnswerJson.ToolCall(call, string.Concat(call.Arguments)))]);
        message["refusal"] = AnswerJson.Joined(choice.Refusal);
        message["annotations"] = new JsonArray();
        return message.With(choice.MessageExtra);
    }
}
