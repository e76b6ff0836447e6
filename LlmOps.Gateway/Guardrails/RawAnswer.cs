using System.Text.Json.Nodes;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Providers.OpenAI;

namespace LlmOps.Gateway.Guardrails;

/// <summary>Checks the texts of answers in a provider's own JSON, OpenAI's form: what is no text stays as it came, whoever knows it.</summary>
internal static class RawAnswer
{
    private const string Content = "content";
    private static readonly string[] Fields = [Content, "refusal", "reasoning_content", "reasoning"];

    /// <summary>A completion with its texts as they may go out.</summary>
    public static OpenAIPayload Check(OpenAIPayload payload, AnswerTexts texts) => Rewrite(payload, (choice, _) => choice["message"] is JsonObject message && CheckMessage(message, texts));

    /// <summary>A chunk with the texts that may go out by now.</summary>
    public static OpenAIPayload CheckChunk(OpenAIPayload payload, AnswerTexts texts) => Rewrite(payload, (choice, index) => CheckDelta(choice, index, texts));

    private static OpenAIPayload Rewrite(OpenAIPayload payload, Func<JsonObject, int, bool> check)
    {
        var root = JsonNode.Parse(payload.Json.Span)!;
        var changed = false;
        foreach (var choice in (root["choices"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            changed |= check(choice, choice["index"]?.GetValue<int>() ?? 0);
        }

        return changed ? OpenAIPayload.Of(JsonTexts.ToUtf8(root), payload.Withheld) : payload;
    }

    private static bool CheckMessage(JsonObject message, AnswerTexts texts)
    {
        var changed = false;
        foreach (var field in Fields)
        {
            changed |= JsonTexts.Rewrite(message, field, texts.Whole);
        }

        foreach (var part in (message[Content] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            changed |= JsonTexts.Rewrite(part, "text", texts.Whole);
        }

        foreach (var function in JsonTexts.Functions(message))
        {
            changed |= JsonTexts.Rewrite(function, AnswerTexts.Arguments, texts.Whole);
        }

        return changed;
    }

    private static bool CheckDelta(JsonObject choice, int index, AnswerTexts texts)
    {
        var changed = false;
        if (choice["delta"] is JsonObject delta)
        {
            foreach (var field in Fields)
            {
                changed |= JsonTexts.Rewrite(delta, field, piece => texts.Push(index, field, 0, piece));
            }

            foreach (var call in (delta["tool_calls"] as JsonArray)?.OfType<JsonObject>() ?? [])
            {
                changed |= call["function"] is JsonObject function
                    && JsonTexts.Rewrite(function, AnswerTexts.Arguments, piece => texts.Push(index, AnswerTexts.Arguments, call["index"]?.GetValue<int>() ?? 0, piece));
            }
        }

        // A choice that says why it ends says nothing more.
        return choice["finish_reason"] is null ? changed : Append(choice, texts.End(index)) || changed;
    }

    private static bool Append(JsonObject choice, List<(string Field, int Call, string Held)> rests)
    {
        foreach (var (field, call, rest) in rests)
        {
            var delta = choice["delta"] as JsonObject ?? [];
            choice["delta"] = delta.Parent is null ? delta : choice["delta"];
            if (field != AnswerTexts.Arguments)
            {
                delta[field] = ((delta[field] as JsonValue)?.GetValue<string>() ?? "") + rest;
                continue;
            }

            var calls = delta["tool_calls"] as JsonArray ?? [];
            delta["tool_calls"] = calls.Parent is null ? calls : delta["tool_calls"];
            calls.Add(new JsonObject { ["index"] = call, ["function"] = new JsonObject { [AnswerTexts.Arguments] = rest } });
        }

        return rests.Count > 0;
    }
}
