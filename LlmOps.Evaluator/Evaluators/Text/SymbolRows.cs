namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>
/// Two rows of symbols for algorithms that go over them in blocks: the first in columns, the second in rows of 64, of which a
/// block says for each symbol in which of its rows it stands. Memory grows with the sum of the lengths, work with a 64th of
/// their product (Myers, 1999; Hyyrö, 2003 and 2004).
/// </summary>
internal sealed class SymbolRows
{
    /// <summary>The most symbols of a row: two such take seconds.</summary>
    public const int Longest = 100_000;

    private const int BlockSize = 64;

    private readonly int[] _rows;
    private readonly ulong[] _masks;

    private SymbolRows(int[] columns, int[] rows, int symbols) => (Columns, _rows, _masks) = (columns, rows, new ulong[symbols]);

    /// <summary>The first row's symbols, numbered.</summary>
    public int[] Columns { get; }

    /// <summary>The second row's length.</summary>
    public int RowCount => _rows.Length;

    /// <summary>How many blocks there are.</summary>
    public int BlockCount => (_rows.Length + BlockSize - 1) / BlockSize;

    /// <summary>Numbers the symbols of two rows.</summary>
    /// <exception cref="TextTooLongException">One is too long.</exception>
    public static SymbolRows Of<T>(IReadOnlyList<T> columns, IReadOnlyList<T> rows)
        where T : notnull
    {
        if (Math.Max(columns.Count, rows.Count) > Longest)
        {
            throw new TextTooLongException(Math.Max(columns.Count, rows.Count), Longest);
        }

        Dictionary<T, int> numbers = [];
        int[] Numbered(IReadOnlyList<T> row) => [.. row.Select(symbol => numbers.TryGetValue(symbol, out var number) ? number : numbers[symbol] = numbers.Count)];
        return new SymbolRows(Numbered(columns), Numbered(rows), numbers.Count);
    }

    /// <summary>By symbol, a bit for each row of a block that it stands in; until the next block is asked for.</summary>
    /// <param name="block">Which block, from 0.</param>
    /// <param name="count">How many rows the block has, 1 to 64.</param>
    public ReadOnlySpan<ulong> Block(int block, out int count)
    {
        Array.Clear(_masks);
        var rows = _rows.AsSpan(block * BlockSize);
        rows = rows[..Math.Min(BlockSize, rows.Length)];
        for (var row = 0; row < rows.Length; row++)
        {
            _masks[rows[row]] |= 1UL << row;
        }

        count = rows.Length;
        return _masks;
    }
}
