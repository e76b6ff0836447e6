using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Caching;

/// <summary>Completions that may be kept, with whatever may stand in one; the same for the same seed.</summary>
internal sealed class RandomCompletion(int seed)
{
    private static readonly string[] Words = ["a", " word", "é", "漢字", "😀", "👩‍👩‍👧", "\n", "\"", "\\", "\\ud83d", "\t\u0001", "\u2028", "</b>", "{}", "\ufffd", "\u007f", "&'+", "𝄞"];

    private static readonly JsonSerializerOptions[] Ways =
    [
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping },
        new() { Encoder = JavaScriptEncoder.Default },
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true },
    ];

    private readonly Random _random = new(seed);

    /// <summary>The completion's bytes, in one of the ways that servers write JSON.</summary>
    public byte[] Json() => JsonSerializer.SerializeToUtf8Bytes(Completion(), Ways[_random.Next(Ways.Length)]);

    private JsonObject Completion()
    {
        var json = new JsonObject { ["id"] = Chance(20) ? "" : Text(5), ["object"] = "chat.completion", ["created"] = 1_741_570_283, ["model"] = Text(3) };
        Maybe(json, "service_tier", () => "default");
        Maybe(json, "system_fingerprint", () => Chance(2) ? null : Text(100));
        Maybe(json, "provider", () => Text(2));
        Maybe(json, "x_groq", () => new JsonObject { ["id"] = "r", ["usage"] = new JsonObject { ["total_tokens"] = 3 } });
        Unknown(json);
        json["choices"] = List(1 + (_random.Next(3) * _random.Next(2)), Choice);
        Maybe(json, "usage", () => Chance(4) ? null : new JsonObject { ["prompt_tokens"] = 19, ["completion_tokens"] = 10, ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 } });
        return json;
    }

    private JsonNode Choice(int index)
    {
        var json = new JsonObject { ["index"] = index, ["message"] = Message() };
        Maybe(json, "logprobs", () => Chance(2) ? null : Logprobs());
        json["finish_reason"] = Pick("stop", "length", "tool_calls", "function_call");
        Maybe(json, "stop_reason", () => Chance(2) ? null : Text(2));
        Maybe(json, "token_ids", () => List(_random.Next(4), number => number));
        Unknown(json);
        return json;
    }

    private JsonObject Message()
    {
        var json = new JsonObject { ["role"] = "assistant" };
        var kind = _random.Next(6);
        json["content"] = kind switch
        {
            0 => null,
            1 => "",
            2 => List(1 + _random.Next(3), _ => new JsonObject { ["type"] = "text", ["text"] = Text(10) }),
            _ => Text(1 + _random.Next(120)),
        };
        Maybe(json, "refusal", () => Chance(2) ? null : "");
        Maybe(json, Pick("reasoning", "reasoning_content", "thinking"), () => Chance(3) ? null : Text(80));
        Maybe(json, "reasoning_details", () => List(_random.Next(3), place => new JsonObject { ["type"] = "reasoning.text", ["text"] = Text(9), ["signature"] = null, ["index"] = Chance(3) ? 0 : place }));
        Maybe(json, "annotations", () => List(_random.Next(3), _ => new JsonObject { ["type"] = "url_citation", ["url_citation"] = new JsonObject { ["title"] = Text(3) } }));
        Maybe(json, "images", () => List(_random.Next(3), place => new JsonObject { ["image_url"] = new JsonObject { ["url"] = "data:image/png;base64,QQ==" }, ["index"] = place }));
        Maybe(json, "audio", () => Chance(2) ? null : new JsonObject { ["id"] = "audio_1", ["data"] = "QUJD", ["transcript"] = Text(9), ["expires_at"] = 7 });
        Maybe(json, "function_call", () => Chance(2) ? null : Function());
        Maybe(json, "tool_calls", () => Chance(5) ? null : List(_random.Next(4), Call));
        Unknown(json);
        if (kind < 2)
        {
            // Not empty.
            json["tool_calls"] = List(1 + _random.Next(3), Call);
        }

        if (json["tool_calls"] is JsonArray { Count: > 0 })
        {
            // Of one form or the other.
            json.Remove("function_call");
        }

        return json;
    }

    private JsonNode Call(int place)
    {
        var json = new JsonObject { ["id"] = $"call_{place}{Text(2)}" };
        Maybe(json, "type", () => "function");
        if (Chance(4))
        {
            json["custom"] = new JsonObject { ["name"] = "sql", ["input"] = Text(20) };
        }
        else
        {
            json["function"] = Function();
        }

        Unknown(json);
        return json;
    }

    private JsonObject Function()
    {
        var json = new JsonObject { ["name"] = "f" + Text(2), ["arguments"] = Chance(4) ? "" : new JsonObject { [Text(2)] = Text(20), ["n"] = 1.50m }.ToJsonString() };
        Unknown(json);
        return json;
    }

    private JsonObject Logprobs()
    {
        var json = new JsonObject { ["content"] = Chance(3) ? null : List(_random.Next(4), _ => new JsonObject { ["token"] = Text(1), ["logprob"] = -0.25, ["bytes"] = new JsonArray(1, 2), ["top_logprobs"] = new JsonArray() }) };
        Maybe(json, "refusal", () => null);
        Unknown(json);
        return json;
    }

    private void Unknown(JsonObject json)
    {
        while (Chance(2))
        {
            json["x" + Text(2)] = Value(3);
        }
    }

    private JsonNode? Value(int depth) => _random.Next(depth > 0 ? 8 : 6) switch
    {
        0 => null,
        1 => true,
        2 => JsonNode.Parse(Pick("0", "-1.50", "1e400", "12345678901234567890", "3.0E-2")),
        3 => "",
        4 => Text(4),
        5 => Text(300),
        6 => List(_random.Next(3), _ => Value(depth - 1)),
        _ => new JsonObject { [Text(1)] = Value(depth - 1), ["index"] = Value(0) },
    };

    private void Maybe(JsonObject json, string name, Func<JsonNode?> value)
    {
        if (Chance(3))
        {
            json[name] = value();
        }
    }

    private static JsonArray List(int count, Func<int, JsonNode?> item) => [.. Enumerable.Range(0, count).Select(item)];

    private string Text(int words) => string.Concat(Enumerable.Range(0, words).Select(_ => Pick(Words)));

    private string Pick(params string[] from) => from[_random.Next(from.Length)];

    private bool Chance(int outOf) => _random.Next(outOf) == 0;
}
