using System.IO.Enumeration;
using System.Text.Json;
using LlmOps.Gateway.Prompts;

namespace LlmOps.Evaluator.Datasets;

/// <summary>What holds of the cases that are taken: tag=hard, tag!=long, id=inject-*, metadata.language=de.</summary>
internal sealed class CaseFilter
{
    private const string Metadata = "metadata.";

    private readonly string _field;
    private readonly bool _isNegated;
    private readonly string _pattern;

    private CaseFilter(string text, string field, bool isNegated, string pattern) => (Text, _field, _isNegated, _pattern) = (text, field, isNegated, pattern);

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Reads one: FIELD=VALUE or FIELD!=VALUE, in whose value * stands for any characters and ? for one.</summary>
    /// <exception cref="BadInputException">It is none.</exception>
    public static CaseFilter Parse(string text)
    {
        var sign = text.IndexOf('=', StringComparison.Ordinal);
        var isNegated = sign > 0 && text[sign - 1] == '!';
        var field = sign < 0 ? "" : text[..(isNegated ? sign - 1 : sign)].Trim();
        return field is "id" or "tag" || (field.StartsWith(Metadata, StringComparison.Ordinal) && field.Length > Metadata.Length)
            ? new CaseFilter(text, field, isNegated, text[(sign + 1)..].Trim())
            : throw new BadInputException($"--filter '{text}' is no condition; expected tag=VALUE, id=VALUE or metadata.KEY=VALUE, with != for all others, and * for any characters.");
    }

    /// <summary>Whether it holds of a case. A list has a value where one of its items is it; what is not there has none.</summary>
    public bool Matches(EvaluationCase each) => Values(each).Any(value => FileSystemName.MatchesSimpleExpression(_pattern, value, ignoreCase: false)) != _isNegated;

    private IEnumerable<string> Values(EvaluationCase each)
    {
        if (_field is "id" or "tag")
        {
            return _field == "id" ? [each.Id] : each.Tags;
        }

        return each.Metadata is { } metadata && metadata.TryGetProperty(_field[Metadata.Length..], out var value)
            ? (value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : Enumerable.Repeat(value, 1)).Select(VariableValue.Of).OfType<string>()
            : [];
    }
}
