using System.Text.Json;
using LlmOps.Evaluator.Datasets;

namespace LlmOps.Evaluator.Evaluators.Json;

/// <summary>What a case expects, as JSON.</summary>
internal static class ExpectedJson
{
    /// <summary>The expected JSON; of a text that is itself an object or an array in JSON, as in CSV, that one; null for none.</summary>
    public static JsonElement? Of(EvaluationCase @case)
    {
        if (@case.Expected is { ValueKind: JsonValueKind.String } text && text.GetString()!.AsSpan().TrimStart() is ['{' or '[', ..])
        {
            try
            {
                return JsonElement.Parse(text.GetString()!);
            }
            catch (JsonException)
            {
                // A text that only looks like it.
            }
        }

        return @case.Expected;
    }
}
