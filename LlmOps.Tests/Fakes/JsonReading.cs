using System.Text.Json;

namespace LlmOps.Tests.Fakes;

/// <summary>Reads JSON of any shape: what is not there, or not of the kind asked for, is undefined, empty or null.</summary>
internal static class JsonReading
{
    public static JsonElement At(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out JsonElement value) ? value : default;

    /// <summary>Whether there is such a field, other than null.</summary>
    public static bool Has(this JsonElement json, string name) =>
        json.At(name).ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    public static string? TextAt(this JsonElement json, string name) => json.At(name) is { ValueKind: JsonValueKind.String } text
        ? text.GetString()
        : null;

    public static double? NumberAt(this JsonElement json, string name) => json.At(name) is { ValueKind: JsonValueKind.Number } number
        ? number.GetDouble()
        : null;

    public static IReadOnlyList<JsonElement> ListAt(this JsonElement json, string name) => json.At(name) is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray()]
        : [];

    /// <summary>The request's body when it is a JSON object; otherwise undefined.</summary>
    public static JsonElement JsonObject(this ReceivedRequest request)
    {
        try
        {
            return request.Json.ValueKind == JsonValueKind.Object ? request.Json : default;
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
