using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>The streamed form of an answer: its <c>chat.completion.chunk</c>s in order, without <c>[DONE]</c>.</summary>
internal static class ChunkJson
{
    /// <summary>
    /// The chunks, with several choices taking turns. If <paramref name="includeUsage"/>, each has a null usage and one
    /// more follows with no choice and the usage.
    /// </summary>
    public static IEnumerable<JsonObject> Of(FakeAnswer answer, bool includeUsage)
    {
        FakeUsage? usage = includeUsage ? answer.Usage : null;
        foreach (JsonObject choice in TakingTurns([.. answer.Choices.Select((choice, index) => Deltas(answer, choice, index))]))
        {
            bool finish = choice["finish_reason"] is not null;
            JsonObject chunk = Chunk(answer, choice);
            if (usage is not null)
                chunk["usage"] = null;
            yield return Finished(answer, chunk).With(finish ? answer.FinishChunkExtra : null);
        }

        if (usage is not null)
        {
            JsonObject last = Chunk(answer);
            last["usage"] = AnswerJson.Usage(usage);
            yield return Finished(answer, last);
        }
    }

    private static JsonObject Chunk(FakeAnswer answer, params JsonNode[] choices)
    {
        JsonObject chunk = AnswerJson.Envelope(answer, "chat.completion.chunk");
        chunk["choices"] = new JsonArray(choices);
        return chunk;
    }

    private static JsonObject Finished(FakeAnswer answer, JsonObject chunk)
    {
        // OpenAI pads with random letters; a test wants the same bytes each time.
        if (answer.Obfuscation)
            chunk["obfuscation"] = new string('x', 1 + AnswerJson.Line(chunk).Length % 7);
        return chunk.With(answer.Extra);
    }

    private static IEnumerable<JsonObject> TakingTurns(IReadOnlyList<IEnumerable<JsonObject>> choices)
    {
        List<Queue<JsonObject>> rest = [.. choices.Select(deltas => new Queue<JsonObject>(deltas))];
        while (rest.RemoveAll(queue => queue.Count == 0) >= 0 && rest.Count > 0)
        {
            foreach (Queue<JsonObject> queue in rest)
                yield return queue.Dequeue();
        }
    }

    private static IEnumerable<JsonObject> Deltas(FakeAnswer answer, FakeChoice choice, int index)
    {
        yield return Choice(index, Role(choice));
        foreach (string text in choice.Reasoning)
            yield return Choice(index, new() { [answer.ReasoningField] = text });
        foreach ((int at, string text) in choice.Content.Index())
            yield return Choice(index, new() { ["content"] = text }, AnswerJson.Logprobs(choice.Logprobs.Skip(at).Take(1)));
        foreach (string text in choice.Refusal)
            yield return Choice(index, new() { ["refusal"] = text });
        foreach (JsonObject call in choice.ToolCalls.SelectMany(CallDeltas))
            yield return Choice(index, new() { ["tool_calls"] = new JsonArray(call) });
        JsonObject last = Choice(index, []);
        last["finish_reason"] = choice.FinishReason;
        yield return last.With(choice.Extra);
    }

    /// <summary>The first delta: text begins as an empty string, anything else leaves the content null.</summary>
    private static JsonObject Role(FakeChoice choice)
    {
        bool noText = choice.Content.Count == 0 && (choice.ToolCalls.Count > 0 || choice.Refusal.Count > 0);
        return new JsonObject { ["role"] = "assistant", ["content"] = noText ? null : "", ["refusal"] = null }
            .With(choice.MessageExtra);
    }

    /// <summary>Id and name come once, with empty arguments; the fragments then name the index only.</summary>
    private static IEnumerable<JsonObject> CallDeltas(FakeToolCall call, int index)
    {
        JsonObject first = AnswerJson.ToolCall(call, arguments: "");
        first.Insert(0, "index", index);
        yield return first;
        foreach (string fragment in call.Arguments)
            yield return new() { ["index"] = index, ["function"] = new JsonObject { ["arguments"] = fragment } };
    }

    private static JsonObject Choice(int index, JsonObject delta, JsonObject? logprobs = null) => new()
    {
        ["index"] = index,
        ["delta"] = delta,
        ["logprobs"] = logprobs,
        ["finish_reason"] = null,
    };
}
