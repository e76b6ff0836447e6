using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmOps.Evaluator.Evaluators.Json;

/// <summary>A place in a JSON value, such as <c>a.b[0].c</c> or <c>[1]</c>.</summary>
internal sealed partial class JsonPath
{
    private readonly List<(string? Name, int Index)> _steps;

    private JsonPath(List<(string? Name, int Index)> steps) => _steps = steps;

    /// <summary>Reads a path; null where it is not written so.</summary>
    public static JsonPath? Parse(string text)
    {
        var match = Form().Match(text);
        return match.Success
            ? new JsonPath([.. Step().Matches(text).Select(step => step.Groups["index"] is { Success: true } index ? ((string?)null, int.Parse(index.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)) : (step.Groups["name"].Value, -1))])
            : null;
    }

    /// <summary>The value at the place; null where there is none.</summary>
    public JsonElement? Find(JsonElement json)
    {
        foreach (var (name, index) in _steps)
        {
            if (name is not null && json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member))
            {
                json = member;
            }
            else if (name is null && json.ValueKind == JsonValueKind.Array && index < json.GetArrayLength())
            {
                json = json[index];
            }
            else
            {
                return null;
            }
        }

        return json;
    }

    [GeneratedRegex(@"^(?:[^.\[\]]+|\[[0-9]{1,6}\])(?:\.[^.\[\]]+|\[[0-9]{1,6}\])*$")]
    private static partial Regex Form();

    [GeneratedRegex(@"\[(?<index>[0-9]+)\]|(?<name>[^.\[\]]+)")]
    private static partial Regex Step();
}
