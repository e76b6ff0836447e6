using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.Offline;

/// <summary>Arguments and results of tools as text.</summary>
internal static class ToolValues
{
    // Nothing is escaped that need not be.
    private static readonly JsonSerializerOptions Readable = new(AIJsonUtilities.DefaultOptions) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A string as it is, everything else as JSON; what cannot be written as JSON in its own words.</summary>
    public static string ToText(object? value)
    {
        switch (value)
        {
            case null:
                return "";
            case string text:
                return text;
            case JsonElement { ValueKind: JsonValueKind.Undefined }:
                return "";
        }

        try
        {
            return value is JsonElement { ValueKind: JsonValueKind.String } element
                ? element.GetString()!
                : JsonSerializer.Serialize(value, Readable.GetTypeInfo(value.GetType()));
        }
        catch (Exception exception) when (exception is NotSupportedException or JsonException or InvalidOperationException or ArgumentException)
        {
            return value.ToString() ?? "";
        }
    }
}
