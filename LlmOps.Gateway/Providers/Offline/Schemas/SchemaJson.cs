using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json;

namespace LlmOps.Gateway.Providers.Offline.Schemas;

/// <summary>Reads JSON schemas without trusting them: what is not of the expected type is not there.</summary>
internal static class SchemaJson
{
    /// <summary>Most segments of a reference.</summary>
    private const int MaxSegments = 64;

    /// <summary>A string; null for everything else.</summary>
    public static string? Text(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>A string, or the strings of an array.</summary>
    public static List<string> Texts(JsonNode? node) =>
        node is JsonArray array ? [.. array.Select(Text).OfType<string>()]
        : Text(node) is { } text ? [text]
        : [];

    /// <summary>A number that is exact as a decimal; null for everything else.</summary>
    public static decimal? Number(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        && decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number : null;

    /// <summary>Where a reference such as "#/$defs/node" leads; null, which demands nothing, if it leads nowhere here.</summary>
    public static JsonNode? Follow(JsonNode? root, string reference)
    {
        var node = reference.StartsWith('#') ? root : null;
        string[] segments = reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries);
        foreach (string segment in segments.Take(MaxSegments))
        {
            string name = Uri.UnescapeDataString(segment).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            node = node switch
            {
                JsonObject keywords => keywords[name],
                JsonArray array when int.TryParse(name, out int index) && index >= 0 && index < array.Count => array[index],
                _ => null,
            };
        }

        return node;
    }
}
