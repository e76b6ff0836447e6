using System.Globalization;
using System.Text;

namespace LlmOps.Evaluator.Reports;

/// <summary>A text as Markdown that shows it and does nothing else: within a cell of a table, and without a line of its own.</summary>
internal static class MarkdownText
{
    private const string Marks = "\\`*_{}[]|~$!";
    private const string NoMarks = "";

    // Neither seen nor copied as a space, and yet no mention or reference goes across it.
    private const char Joiner = '\u2060';

    /// <summary>The text, no longer than the number of characters as they are seen; where it goes on, an ellipsis says so.</summary>
    public static string Of(string text, int longest = int.MaxValue) => Shown(text, longest, Marks);

    /// <summary>The same within an HTML element that begins a line, where Markdown has no marks.</summary>
    public static string InElement(string text, int longest = int.MaxValue) => Shown(text, longest, NoMarks);

    private static string Shown(string text, int longest, string marks)
    {
        var shown = new StringBuilder(Math.Min(text.Length, 1024));
        var seen = 0;
        for (var elements = StringInfo.GetTextElementEnumerator(text); elements.MoveNext();)
        {
            if (seen++ == longest)
            {
                return shown.Append('…').ToString();
            }

            foreach (var rune in elements.GetTextElement().EnumerateRunes())
            {
                Append(shown, rune, marks);
            }
        }

        return shown.ToString();
    }

    private static void Append(StringBuilder shown, Rune rune, string marks)
    {
        switch (rune.Value)
        {
            case '<':
                shown.Append("&lt;");
                break;
            case '>':
                shown.Append("&gt;");
                break;
            case '&':
                shown.Append("&amp;");
                break;
            case '@' or '#':
                shown.Append(rune).Append(Joiner);
                break;
            case < 128 when marks.Contains((char)rune.Value, StringComparison.Ordinal):
                shown.Append('\\').Append(rune);
                break;
            default:
                // Line breaks would end the cell, and marks of direction turn what comes after it.
                shown.Append(Rune.IsControl(rune) || Turns(rune) ? new Rune(' ') : rune);
                break;
        }
    }

    private static bool Turns(Rune rune) => rune.Value is (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) or 0x2028 or 0x2029;
}
