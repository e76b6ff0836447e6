using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Access.Keys;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Providers;

/// <summary>A key for OpenAI that a caller sends in the body of a request. It is never quoted, also where it is none.</summary>
internal static partial class CallersKey
{
    /// <summary>The field that it stands in.</summary>
    public const string Field = "openai_api_key";

    private static readonly Dictionary<string, string> Expected = new() { ["expected_format"] = "sk-..." };

    /// <summary>Takes it from the body.</summary>
    /// <exception cref="GatewayException">400: it has not the form of such a key, or is one of this gateway, which is not for others to see.</exception>
    public static Secret Read(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && Form().IsMatch(value.GetRawText()) && value.GetString() is { } key && !KeyText.Is(key)
            ? new Secret(key)
            : throw new GatewayException(ErrorCode.MalformedApiKey, "Invalid OpenAI API key format", Field) { Details = Expected };

    // As it stands in JSON: a key has nothing in it that is escaped there.
    [GeneratedRegex("""^"sk-[A-Za-z0-9_-]{1,300}"\z""")]
    private static partial Regex Form();
}
