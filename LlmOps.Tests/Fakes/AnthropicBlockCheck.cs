using System.Text.Json;

namespace LlmOps.Tests.Fakes;

/// <summary>The checks that Anthropic's server makes on a content block of a request, with its words.</summary>
internal static class AnthropicBlockCheck
{
    private static readonly Dictionary<string, string[]> Fields = new()
    {
        ["text"] = ["type", "text", "cache_control", "citations"],
        ["image"] = ["type", "source", "cache_control"],
        ["document"] = ["type", "source", "title", "context", "citations", "cache_control"],
        ["search_result"] = ["type", "source", "title", "content", "citations", "cache_control"],
        ["tool_use"] = ["type", "id", "name", "input", "cache_control", "caller"],
        ["tool_result"] = ["type", "tool_use_id", "content", "is_error", "cache_control"],
        ["thinking"] = ["type", "thinking", "signature"],
        ["redacted_thinking"] = ["type", "data"],
    };

    private static readonly string[] OfAssistant = ["text", "tool_use", "thinking", "redacted_thinking"];
    private static readonly string[] OfUser = ["text", "image", "document", "search_result", "tool_result"];

    /// <summary>What is wrong with the block; <paramref name="signed"/> has the text of each signature that was given.</summary>
    public static string? Check(JsonElement block, string path, bool assistant, IReadOnlyDictionary<string, string> signed)
    {
        string type = block.TextAt("type") ?? "";
        if (type.Length == 0)
            return $"{path}.type: Field required";
        if (!Fields.TryGetValue(type, out string[]? fields))
            return $"{path}: Input tag '{type}' found using 'type' does not match any of the expected tags: {string.Join(", ", Fields.Keys.Select(name => $"'{name}'"))}";
        if (!(assistant ? OfAssistant : OfUser).Contains(type))
            return $"{path[..path.IndexOf(".content", StringComparison.Ordinal)]}: `{type}` blocks can only be in `{(assistant ? "user" : "assistant")}` messages";
        if (block.EnumerateObject().FirstOrDefault(field => !fields.Contains(field.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
            return $"{path}.{type}.{unknown.Name}: Extra inputs are not permitted";
        return type switch
        {
            "text" => CheckText(block, path),
            "image" => CheckImage(block, path),
            "tool_use" => CheckToolUse(block, path),
            "tool_result" => CheckToolResult(block, path),
            "thinking" => CheckThinking(block, path, signed),
            _ => null,
        };
    }

    private static string? CheckText(JsonElement block, string path) => block.TextAt("text") switch
    {
        null => $"{path}.text.text: Field required",
        "" => "messages: text content blocks must be non-empty",
        string text when string.IsNullOrWhiteSpace(text) => "messages: text content blocks must contain non-whitespace text",
        _ => null,
    };

    private static string? CheckImage(JsonElement block, string path)
    {
        JsonElement source = block.At("source");
        if (source.TextAt("type") != "base64")
            return null;
        if (source.TextAt("media_type") is not ("image/jpeg" or "image/png" or "image/gif" or "image/webp"))
            return $"{path}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'";
        string data = source.TextAt("data") ?? "";
        return data.Length > 0 && Convert.TryFromBase64String(data, new byte[data.Length], out _) ? null : $"{path}.image.source.base64.data: invalid base64 data";
    }

    private static string? CheckToolUse(JsonElement block, string path)
    {
        if (!AnthropicRequestCheck.IsName(block.TextAt("id")))
            return $"{path}.tool_use.id: {(block.Has("id") ? "String should match pattern '^[a-zA-Z0-9_-]+$'" : "Field required")}";
        if (string.IsNullOrEmpty(block.TextAt("name")))
            return $"{path}.tool_use.name: {(block.Has("name") ? "String should have at least 1 character" : "Field required")}";
        if (!block.TryGetProperty("input", out JsonElement input))
            return $"{path}.tool_use.input: Field required";
        return input.ValueKind == JsonValueKind.Object ? null : $"{path}.tool_use.input: Input should be a valid dictionary";
    }

    private static string? CheckToolResult(JsonElement block, string path)
    {
        if (!AnthropicRequestCheck.IsName(block.TextAt("tool_use_id")))
            return $"{path}.tool_result.tool_use_id: {(block.Has("tool_use_id") ? "String should match pattern '^[a-zA-Z0-9_-]+$'" : "Field required")}";
        return block.ListAt("content").Any(part => part.TextAt("type") == "text" && string.IsNullOrEmpty(part.TextAt("text")))
            ? "messages: text content blocks must be non-empty"
            : null;
    }

    private static string? CheckThinking(JsonElement block, string path, IReadOnlyDictionary<string, string> signed)
    {
        if (block.TextAt("signature") is not { } signature)
            return $"{path}.thinking.signature: Field required";
        if (!signed.TryGetValue(signature, out string? text))
            return $"{path}: Invalid `signature` in `thinking` block";
        return text == block.TextAt("thinking")
            ? null
            : $"{path}: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.";
    }
}
