using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>The JSON that an unstreamed completion and its chunks have in common.</summary>
internal static class AnswerJson
{
    // OpenAI sends text as plain UTF-8; escaping it would keep multi-byte characters from ever being cut in two.
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions Indented = new(OneLine) { WriteIndented = true, NewLine = "\n" };

    /// <summary>The fields before <c>choices</c>.</summary>
    public static JsonObject Envelope(FakeAnswer answer, string kind)
    {
        JsonObject json = new()
        {
            ["id"] = answer.Id,
            ["object"] = kind,
            ["created"] = answer.Created,
            ["model"] = answer.Model,
        };
        if (answer.ServiceTier is { } tier)
            json["service_tier"] = tier;
        if (answer.SystemFingerprint is { } fingerprint)
            json["system_fingerprint"] = fingerprint;
        return json;
    }

    public static JsonObject Usage(FakeUsage usage)
    {
        JsonObject json = new()
        {
            ["prompt_tokens"] = usage.PromptTokens,
            ["completion_tokens"] = usage.CompletionTokens,
            ["total_tokens"] = usage.PromptTokens + usage.CompletionTokens,
        };
        if (usage.Details)
        {
            json["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = usage.CachedTokens, ["audio_tokens"] = 0 };
            json["completion_tokens_details"] = new JsonObject
            {
                ["reasoning_tokens"] = usage.ReasoningTokens,
                ["audio_tokens"] = 0,
                ["accepted_prediction_tokens"] = 0,
                ["rejected_prediction_tokens"] = 0,
            };
        }
        return json.With(usage.Extra);
    }

    /// <summary>The <c>logprobs</c> of a choice; null when there are none.</summary>
    public static JsonObject? Logprobs(IEnumerable<FakeLogprob> tokens)
    {
        JsonNode[] content = [.. tokens.Select(token =>
        {
            JsonObject json = Token(token);
            json["top_logprobs"] = new JsonArray([.. token.Top.Select(Token)]);
            return json;
        })];
        return content.Length == 0 ? null : new JsonObject { ["content"] = new JsonArray(content), ["refusal"] = null };
    }

    /// <summary>A tool call with these arguments: all of them in a message, none yet in its first chunk.</summary>
    public static JsonObject ToolCall(FakeToolCall call, string arguments) => new()
    {
        ["id"] = call.Id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = arguments },
    };

    /// <summary>A tool call's arguments as the object that every provider but OpenAI sends; none at all are an empty one.</summary>
    public static JsonObject Arguments(FakeToolCall call) =>
        string.Concat(call.Arguments) is { Length: > 0 } json ? JsonNode.Parse(json)!.AsObject() : [];

    /// <summary>The joined deltas; null when there are none.</summary>
    public static string? Joined(IReadOnlyList<string> deltas) => deltas.Count == 0 ? null : string.Concat(deltas);

    /// <summary>Adds the fields of a JSON object, if any.</summary>
    public static JsonObject With(this JsonObject json, string? extra)
    {
        if (extra is not null)
        {
            foreach ((string name, JsonNode? value) in JsonNode.Parse(extra)!.AsObject())
                json[name] = value?.DeepClone();
        }
        return json;
    }

    /// <summary>The JSON in one line, fit for a server-sent event.</summary>
    public static string Line(JsonObject json) => json.ToJsonString(OneLine);

    /// <summary>The JSON over several lines, as OpenAI sends whole bodies.</summary>
    public static string Pretty(JsonObject json) => json.ToJsonString(Indented);

    private static JsonObject Token(FakeLogprob token) => new()
    {
        ["token"] = token.Token,
        ["logprob"] = token.Logprob,
        ["bytes"] = new JsonArray([.. Encoding.UTF8.GetBytes(token.Token).Select(value => JsonValue.Create((int)value))]),
    };
}
