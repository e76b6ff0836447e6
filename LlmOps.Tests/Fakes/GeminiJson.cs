using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>The unstreamed and the streamed form of an answer: each is a <c>GenerateContentResponse</c>, or several.</summary>
internal static class GeminiJson
{
    /// <summary>The unstreamed body; without choices it is that of a blocked prompt.</summary>
    public static JsonObject Completion(FakeAnswer answer) =>
        Response(answer, [.. answer.Choices.Select((choice, index) => Candidate(choice, index, Parts(answer, choice), choice.Logprobs, last: true))], 1, 1);

    /// <summary>The chunks, with several choices taking turns; the last one of each choice has its finish reason.</summary>
    public static IEnumerable<JsonObject> Chunks(FakeAnswer answer)
    {
        JsonObject[] candidates = [.. answer.Choices
            .SelectMany((choice, index) => Deltas(answer, choice, index).Select((delta, turn) => (delta, turn)))
            .OrderBy(part => part.turn)
            .Select(part => part.delta)];
        if (candidates.Length == 0)
            return [Response(answer, [], 1, 1)];
        return candidates.Select((candidate, index) => Response(answer, [candidate], index + 1, candidates.Length));
    }

    private static JsonObject Response(FakeAnswer answer, JsonNode[] candidates, int number, int count)
    {
        JsonObject json = [];
        if (candidates.Length > 0)
            json["candidates"] = new JsonArray(candidates);
        if (answer.Usage is { } usage)
            json["usageMetadata"] = Usage(usage, number, count);
        json["modelVersion"] = answer.Model;
        json["responseId"] = answer.Id;
        return json.With(number == count ? answer.FinishChunkExtra : null).With(answer.Extra);
    }

    /// <summary>The usage so far, after some of the chunks. As in all of protobuf's JSON, a zero is left out.</summary>
    private static JsonObject Usage(FakeUsage usage, int number, int count)
    {
        int candidates = (usage.CompletionTokens - usage.ReasoningTokens) * number / count;
        int thoughts = usage.ReasoningTokens * number / count;
        JsonObject json = [];
        Add("promptTokenCount", usage.PromptTokens);
        Add("candidatesTokenCount", candidates);
        Add("totalTokenCount", usage.PromptTokens + candidates + thoughts);
        Add("cachedContentTokenCount", usage.CachedTokens);
        if (usage.Details)
        {
            AddDetails("promptTokensDetails", usage.PromptTokens);
            AddDetails("cacheTokensDetails", usage.CachedTokens);
        }
        Add("thoughtsTokenCount", thoughts);
        return json.With(usage.Extra);

        void Add(string name, int tokens)
        {
            if (tokens != 0)
                json[name] = tokens;
        }

        void AddDetails(string name, int tokens)
        {
            if (tokens != 0)
                json[name] = new JsonArray(new JsonObject { ["modality"] = "TEXT", ["tokenCount"] = tokens });
        }
    }

    private static List<JsonObject> Deltas(FakeAnswer answer, FakeChoice choice, int index)
    {
        List<(JsonObject? Part, IEnumerable<FakeLogprob> Logprobs)> parts = [
            .. choice.Reasoning.Select(text => ((JsonObject?)Thought(text), Enumerable.Empty<FakeLogprob>())),
            .. choice.Content.Select((text, at) => ((JsonObject?)Text(text), choice.Logprobs.Skip(at).Take(1))),
            .. choice.Refusal.Select(text => ((JsonObject?)Text(text), Enumerable.Empty<FakeLogprob>())),
        ];
        // The signature of a text comes after it, with an empty one.
        if (choice.ReasoningSignature is not null)
            parts.Add((Signed(Text(""), choice.ReasoningSignature), []));
        parts.AddRange(choice.ToolCalls.Select(call => ((JsonObject?)Call(answer, call), Enumerable.Empty<FakeLogprob>())));
        if (parts.Count == 0)
            parts.Add((null, []));
        return [.. parts.Select((part, at) => Candidate(
            choice, index, part.Part is null ? [] : [part.Part], part.Logprobs, last: at == parts.Count - 1))];
    }

    private static IEnumerable<JsonNode> Parts(FakeAnswer answer, FakeChoice choice)
    {
        if (AnswerJson.Joined(choice.Reasoning) is { } thought)
            yield return Thought(thought);
        string? text = AnswerJson.Joined([.. choice.Content, .. choice.Refusal]);
        if (text is not null || choice.ReasoningSignature is not null)
            yield return Signed(Text(text ?? ""), choice.ReasoningSignature);
        foreach (FakeToolCall call in choice.ToolCalls)
            yield return Call(answer, call);
    }

    private static JsonObject Candidate(
        FakeChoice choice, int index, IEnumerable<JsonNode> parts, IEnumerable<FakeLogprob> logprobs, bool last)
    {
        JsonObject content = [];
        JsonNode[] list = [.. parts];
        if (list.Length > 0)
            content["parts"] = new JsonArray(list);
        content["role"] = "model";
        JsonObject json = new() { ["content"] = content };
        if (last)
            json["finishReason"] = FinishReason(choice);
        json["index"] = index;
        FakeLogprob[] tokens = [.. logprobs];
        if (tokens.Length > 0)
        {
            json["avgLogprobs"] = tokens.Average(token => token.Logprob);
            json["logprobsResult"] = new JsonObject
            {
                ["topCandidates"] = new JsonArray([.. tokens.Select(token => new JsonObject
                {
                    ["candidates"] = new JsonArray([.. token.Top.Select(Token)]),
                })]),
                ["chosenCandidates"] = new JsonArray([.. tokens.Select(Token)]),
            };
        }
        return last ? json.With(choice.Extra) : json;
    }

    private static JsonObject Token(FakeLogprob token) => new() { ["token"] = token.Token, ["logProbability"] = token.Logprob };

    private static JsonObject Text(string text) => new() { ["text"] = text };

    private static JsonObject Thought(string text) => new() { ["text"] = text, ["thought"] = true };

    private static JsonObject Call(FakeAnswer answer, FakeToolCall call)
    {
        JsonObject json = [];
        if (answer.CallIds)
            json["id"] = call.Id;
        json["name"] = call.Name;
        json["args"] = AnswerJson.Arguments(call);
        return Signed(new() { ["functionCall"] = json }, call.Signature);
    }

    private static JsonObject Signed(JsonObject part, string? signature)
    {
        if (signature is not null)
            part["thoughtSignature"] = signature;
        return part;
    }

    private static string FinishReason(FakeChoice choice) => choice.FinishReason switch
    {
        "stop" or "tool_calls" => "STOP",
        "length" => "MAX_TOKENS",
        "content_filter" => "SAFETY",
        string other => other,
    };
}
