using System.Text.Json;

namespace LlmOps.Gateway.Prompts;

/// <summary>What may stand for a variable: a text, or a number or truth value as it is written.</summary>
internal static class VariableValue
{
    /// <summary>It as text; null where it cannot stand for a variable.</summary>
    public static string? Of(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate escape such as \ud800 is JSON, but no text.
            return null;
        }
    }
}
