using System.Text.Json;
using System.Text.RegularExpressions;
using LlmOps.Evaluator.Results;

namespace LlmOps.Evaluator.Evaluators.Json;

/// <summary>Reads answers as JSON.</summary>
/// <param name="settings">The settings, of which it has allow_fence.</param>
internal sealed partial class AnswerJson(SettingsReader settings)
{
    private readonly bool _allowsFence = settings.Flag("allow_fence");

    /// <summary>The answer's JSON.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="json">The JSON; of no use where there is none.</param>
    /// <returns>Why it is none; null where it is.</returns>
    public string? Read(Answer answer, out JsonElement json)
    {
        var text = answer.Text;
        if (_allowsFence && Fence().Match(text) is { Success: true } fence)
        {
            text = fence.Groups["json"].Value;
        }

        try
        {
            json = JsonElement.Parse(text);
            return null;
        }
        catch (JsonException exception)
        {
            json = default;
            return $"it is no JSON: {exception.Message}";
        }
    }

    // The whole answer, but for white space, in a fenced code block of Markdown.
    [GeneratedRegex(@"^\s*```(?:json)?[ \t]*\r?\n(?<json>.*?)\r?\n?[ \t]*```\s*$", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Fence();
}
