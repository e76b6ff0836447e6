using System.Text.Json;

namespace LlmOps.Gateway.Endpoints.Mcp;

/// <summary>The arguments that an MCP client gives.</summary>
internal static class McpArguments
{
    /// <summary>They as the JSON object that they were; an empty one for none.</summary>
    public static byte[] ToJson(IDictionary<string, JsonElement>? arguments) =>
        JsonSerializer.SerializeToUtf8Bytes(arguments is null ? [] : new Dictionary<string, JsonElement>(arguments), ReplyContext.Default.DictionaryStringJsonElement);
}
