namespace LlmOps.Gateway.Statistics;

/// <summary>P-values of several metrics, corrected so that any false alarm among them is as rare as one of a single metric (Holm 1979).</summary>
internal static class HolmCorrection
{
    /// <summary>The adjusted p-values, in the same order, each to be held against the level itself.</summary>
    /// <param name="pValues">0 to 1. Those that are not known (null, or no number) stay null, and are not counted among the metrics.</param>
    public static double?[] Adjust(IReadOnlyList<double?> pValues)
    {
        var adjusted = new double?[pValues.Count];
        // The smallest first; of equal ones the first.
        int[] known = [.. Enumerable.Range(0, pValues.Count).Where(index => pValues[index] is >= 0 and <= 1).OrderBy(index => pValues[index])];
        var least = 0.0;
        for (var rank = 0; rank < known.Length; rank++)
        {
            var index = known[rank];
            least = Math.Max(least, Math.Min(1, (known.Length - rank) * pValues[index]!.Value));
            adjusted[index] = least;
        }

        return adjusted;
    }
}
