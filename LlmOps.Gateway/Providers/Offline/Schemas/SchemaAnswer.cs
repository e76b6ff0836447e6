using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Providers.Offline.Skills;
using LlmOps.Gateway.Providers.Offline.Summaries;

namespace LlmOps.Gateway.Providers.Offline.Schemas;

/// <summary>Answers with a JSON document and nothing around it.</summary>
internal static partial class SchemaAnswer
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A document valid against <paramref name="schema"/>; without one, or if none can be made, an object with the answer.</summary>
    /// <param name="prompt">The conversation.</param>
    /// <param name="answer">What a skill answered; null if none did.</param>
    /// <param name="schema">A JSON schema; null for any object.</param>
    public static string To(Prompt prompt, string? answer, JsonElement? schema)
    {
        if (schema is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } element && TryFill(element, prompt, answer) is { } document)
        {
            return document;
        }

        return new JsonObject { ["answer"] = answer ?? Echo.Answer(prompt) }.ToJsonString(Compact);
    }

    private static string? TryFill(JsonElement schema, Prompt prompt, string? answer)
    {
        string text = InstructedText.Split(prompt.User, instruction => Directive().IsMatch(instruction))?.Body
            ?? (prompt.User.Length > 0 ? prompt.User : string.Join('\n', prompt.ToolResults.Select(result => result.Result)));
        try
        {
            var root = JsonSerializer.SerializeToNode(schema);
            return new SchemaFiller(root, new AnswerFacts(text, answer)).TryFill(root, out var value)
                ? value?.ToJsonString(Compact) ?? "null"
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // A schema can hold what no text can, such as a lone surrogate, or a name twice.
            return null;
        }
    }

    [GeneratedRegex(
        @"^\W*(please |can you |could you |you are [^.\n]{0,100}\. ?|your task is to )*(extract|classify|categori[sz]e|analy[sz]e|summari[sz]e|shorten|return|give|parse|convert|identify|read|determine|rate|describe|generate|create|label|fill|answer|find|list|evaluate|review|assess|provide|get|produce|write|translate|detect|score)\b|\bjson\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Directive();
}
