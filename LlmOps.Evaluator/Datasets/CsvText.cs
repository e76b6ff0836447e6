using System.Text;
using LlmOps.Gateway.Prompts.Files;

namespace LlmOps.Evaluator.Datasets;

/// <summary>The records of a text by RFC 4180: fields between commas, in quotes where they have commas, quotes or line breaks in them.</summary>
/// <param name="text">The text.</param>
internal sealed class CsvText(string text)
{
    private int _at;
    private int _line = 1;

    /// <summary>The records with the lines that they begin in; empty lines are passed over.</summary>
    /// <exception cref="PromptFileException">A quote stands where none can; with the line.</exception>
    public IEnumerable<(int Line, IReadOnlyList<string> Fields)> Records()
    {
        while (_at < text.Length)
        {
            var line = _line;
            List<string> fields = [Field()];
            while (Take(','))
            {
                fields.Add(Field());
            }

            EndLine();
            if (fields is not [""])
            {
                yield return (line, fields);
            }
        }
    }

    private string Field() => Take('"') ? Quoted() : Plain();

    private string Plain()
    {
        var length = text.AsSpan(_at).IndexOfAny(",\r\n");
        var field = length < 0 ? text[_at..] : text.Substring(_at, length);
        _at += field.Length;
        return field.Contains('"')
            ? throw new PromptFileException(_line, "A quote stands within a field that does not begin with one; expected the field in quotes, and its own quotes doubled.")
            : field;
    }

    private string Quoted()
    {
        var opened = _line;
        var field = new StringBuilder();
        do
        {
            var end = text.IndexOf('"', _at);
            if (end < 0)
            {
                throw new PromptFileException(opened, "The quote that opens a field is never closed.");
            }

            // With the quote, which is one of the field's own where another one follows.
            var part = text.AsSpan(_at, end + 1 - _at);
            field.Append(part);
            _line += part.Count('\n');
            _at = end + 1;
        }
        while (Take('"'));

        field.Length--;

        return _at == text.Length || text[_at] is ',' or '\r' or '\n'
            ? field.ToString()
            : throw new PromptFileException(_line, $"After the closing quote stands '{text[_at]}'; expected a comma or the line's end, and quotes within a field doubled.");
    }

    private void EndLine()
    {
        if (Take('\r') | Take('\n'))
        {
            _line++;
        }
    }

    private bool Take(char character)
    {
        if (_at == text.Length || text[_at] != character)
        {
            return false;
        }

        _at++;
        return true;
    }
}
