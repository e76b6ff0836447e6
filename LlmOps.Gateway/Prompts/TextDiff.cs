namespace LlmOps.Gateway.Prompts;

/// <summary>What lines two texts differ in: a longest common subsequence, as diff shows it.</summary>
internal static class TextDiff
{
    // The table has a cell for each pair of lines.
    private const int MostLines = 500;

    /// <summary>The lines of both texts: those of both after a space, those of the earlier alone after -, those of the later alone after +.</summary>
    public static IReadOnlyList<string> Between(string earlier, string later)
    {
        var (before, after) = (earlier.Split('\n'), later.Split('\n'));
        if (before.Length > MostLines || after.Length > MostLines)
        {
            return [.. before.Select(line => $"-{line}"), .. after.Select(line => $"+{line}")];
        }

        // The length of what is common from each pair on.
        var common = new int[before.Length + 1, after.Length + 1];
        for (var left = before.Length - 1; left >= 0; left--)
        {
            for (var right = after.Length - 1; right >= 0; right--)
            {
                common[left, right] = before[left] == after[right] ? common[left + 1, right + 1] + 1 : Math.Max(common[left + 1, right], common[left, right + 1]);
            }
        }

        List<string> lines = [];
        var (i, j) = (0, 0);
        while (i < before.Length || j < after.Length)
        {
            if (i < before.Length && j < after.Length && before[i] == after[j])
            {
                lines.Add($" {before[i]}");
                (i, j) = (i + 1, j + 1);
            }
            else if (j == after.Length || (i < before.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                lines.Add($"-{before[i++]}");
            }
            else
            {
                lines.Add($"+{after[j++]}");
            }
        }

        return lines;
    }
}
