using System.Numerics;

namespace LlmOps.Evaluator.Evaluators.Text;

/// <summary>The length of the longest row that two rows both have, with gaps: bit-parallel (Hyyrö, 2004: Bit-parallel LCS-length computation revisited).</summary>
internal static class LongestCommonSubsequence
{
    /// <summary>Its length.</summary>
    /// <exception cref="TextTooLongException">A row is too long for it.</exception>
    public static int Of(IReadOnlyList<string> one, IReadOnlyList<string> other)
    {
        var rows = SymbolRows.Of(one, other);

        // What a block carries over to the one below, by column.
        var carries = new bool[rows.Columns.Length];
        var length = 0;
        for (var block = 0; block < rows.BlockCount; block++)
        {
            var masks = rows.Block(block, out var count);
            var open = ulong.MaxValue;
            for (var column = 0; column < carries.Length; column++)
            {
                var mask = masks[rows.Columns[column]];
                var sum = open + (open & mask);
                var overflows = sum < open;
                if (carries[column])
                {
                    sum++;
                    overflows |= sum == 0;
                }

                carries[column] = overflows;
                open = sum | (open & ~mask);
            }

            length += BitOperations.PopCount(~open & (ulong.MaxValue >> (64 - count)));
        }

        return length;
    }
}
