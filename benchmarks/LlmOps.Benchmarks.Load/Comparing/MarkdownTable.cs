using System.Globalization;
using System.Text;

namespace LlmOps.Benchmarks.Load.Comparing;

/// <summary>A table in Markdown.</summary>
internal sealed class MarkdownTable(params string[] columns)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row; the cells stand under the columns in order.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>A number with its spread, unless there is none; a dash where nothing was measured.</summary>
    public static string Cell(Spread? spread, string format)
    {
        if (spread is not { } known)
        {
            return "–";
        }

        var (median, least, most) = (Number(known.Median, format), Number(known.Least, format), Number(known.Most, format));
        return least == most ? median : $"{median} ({least}–{most})";
    }

    /// <summary>The median of a spread alone, or a dash.</summary>
    public static string Middle(Spread? spread, string format) => spread is { } known ? Number(known.Median, format) : "–";

    /// <summary>A number, or a dash.</summary>
    public static string Number(double? value, string format) =>
        value is { } number && double.IsFinite(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "–";

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        Line(text, columns);
        Line(text, [.. columns.Select((_, index) => index == 0 ? "---" : "---:")]);
        foreach (var row in _rows)
        {
            Line(text, row);
        }

        return text.ToString();
    }

    private static void Line(StringBuilder text, string[] cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
