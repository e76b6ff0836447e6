namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>The edits between two texts (Levenshtein, 1966), bit-parallel (Myers, 1999, as in Hyyrö, 2003: A bit-vector algorithm for computing Levenshtein and Damerau edit distances).</summary>
internal static class Levenshtein
{
    /// <summary>How like two texts are: 1 less the edits' share of the longer one's characters, 0 to 1; 1 for two empty ones.</summary>
    /// <exception cref="TextTooLongException">A text is too long for it.</exception>
    public static double Similarity(string one, string other)
    {
        var (left, right) = (one.EnumerateRunes().ToList(), other.EnumerateRunes().ToList());
        var longer = Math.Max(left.Count, right.Count);
        return longer == 0 ? 1 : 1 - ((double)Distance(left, right) / longer);
    }

    /// <summary>How many symbols must be put in, left out or replaced to make one row of the other.</summary>
    /// <exception cref="TextTooLongException">A row is too long for it.</exception>
    public static int Distance<T>(IReadOnlyList<T> one, IReadOnlyList<T> other)
        where T : notnull
    {
        var rows = SymbolRows.Of(one, other);

        // By column, how the distance changes from the column before to it, in the row above a block: 1 at the top.
        var steps = new sbyte[rows.Columns.Length];
        Array.Fill(steps, (sbyte)1);
        for (var block = 0; block < rows.BlockCount; block++)
        {
            var masks = rows.Block(block, out var count);
            Advance(steps, rows.Columns, masks, count);
        }

        return rows.RowCount + steps.Sum(step => step);
    }

    // From the row above a block to the block's last row.
    private static void Advance(sbyte[] steps, int[] columns, ReadOnlySpan<ulong> masks, int count)
    {
        // By row, whether the distance grows or shrinks from the row above to it.
        var (grows, shrinks) = (ulong.MaxValue, 0UL);
        for (var column = 0; column < columns.Length; column++)
        {
            var (up, down) = (steps[column] > 0 ? 1UL : 0, steps[column] < 0 ? 1UL : 0);
            var mask = masks[columns[column]];
            var vertical = mask | shrinks;
            mask |= down;
            var diagonal = (((mask & grows) + grows) ^ grows) | mask;
            var right = shrinks | ~(diagonal | grows);
            var left = grows & diagonal;
            steps[column] = (sbyte)((int)((right >> (count - 1)) & 1) - (int)((left >> (count - 1)) & 1));
            right = (right << 1) | up;
            left = (left << 1) | down;
            grows = left | ~(vertical | right);
            shrinks = right & vertical;
        }
    }
}
