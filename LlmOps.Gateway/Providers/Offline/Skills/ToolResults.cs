using System.Text.Json;
using LlmOps.Gateway.Providers.Offline.Summaries;

namespace LlmOps.Gateway.Providers.Offline.Skills;

/// <summary>The skill that answers from the results of tools that a conversation ends with.</summary>
internal static class ToolResults
{
    /// <summary>Longest result that is repeated, in UTF-16 units.</summary>
    private const int MaxResult = 4_000;

    /// <summary>One line per result; null if there is none.</summary>
    public static string? TryAnswer(Prompt prompt) =>
        prompt.ToolResults.Count == 0 ? null : string.Join('\n', prompt.ToolResults.Select(result => $"{result.Name} returned: {Readable(result.Result)}"));

    // {"temperature": 21, "unit": "C"} becomes "temperature: 21, unit: C".
    private static string Readable(string result)
    {
        if (string.IsNullOrWhiteSpace(result))
        {
            return "nothing";
        }

        try
        {
            using var json = JsonDocument.Parse(result);
            return Shortened(Readable(json.RootElement));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Shortened(result);
        }
    }

    private static string Readable(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => string.Join(", ", value.EnumerateObject().Select(property => $"{property.Name}: {Nested(property.Value)}")),
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Nested)),
        JsonValueKind.String => value.GetString()!,
        _ => value.GetRawText(),
    };

    private static string Nested(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"({Readable(value)})",
        JsonValueKind.Array => $"[{Readable(value)}]",
        _ => Readable(value),
    };

    private static string Shortened(string text) => WordBudget.Cut(text, null, MaxResult);
}
