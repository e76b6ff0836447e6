using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Changes texts in JSON that else stays as it is.</summary>
internal static class JsonTexts
{
    /// <summary>Puts another text in place of a member's, where that is a text.</summary>
    /// <returns>Whether it is another one.</returns>
    public static bool Rewrite(JsonObject parent, string name, Func<string, string> rewrite)
    {
        if (parent[name] is not JsonValue value || !value.TryGetValue<string>(out var text))
        {
            return false;
        }

        var other = rewrite(text);
        if (other == text)
        {
            return false;
        }

        parent[name] = other;
        return true;
    }

    /// <summary>The functions that a message or a delta calls.</summary>
    public static IEnumerable<JsonObject> Functions(JsonObject message) =>
        (message["tool_calls"] as JsonArray)?.OfType<JsonObject>().Select(call => call["function"]).OfType<JsonObject>() ?? [];

    /// <summary>The JSON, written as the gateway writes it.</summary>
    public static byte[] ToUtf8(JsonNode json)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(output, Json.WriterOptions))
        {
            json.WriteTo(writer);
        }

        return output.WrittenSpan.ToArray();
    }
}
