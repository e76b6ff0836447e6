namespace LlmOps.Gateway.Statistics;

/// <summary>P-values of many metrics, corrected so that of those called different the expected share that is not is bounded (Benjamini, Hochberg 1995).</summary>
internal static class BenjaminiHochbergCorrection
{
    /// <summary>The adjusted p-values, in the same order, each to be held against the share of false discoveries that is allowed.</summary>
    /// <param name="pValues">0 to 1. Those that are not known (null, or no number) stay null, and are not counted among the metrics.</param>
    public static double?[] Adjust(IReadOnlyList<double?> pValues)
    {
        var adjusted = new double?[pValues.Count];
        var known = KnownPValues.Ascending(pValues);
        var largest = 1.0;
        for (var rank = known.Length; rank > 0; rank--)
        {
            var index = known[rank - 1];
            largest = Math.Min(largest, (double)known.Length / rank * pValues[index]!.Value);
            adjusted[index] = largest;
        }

        return adjusted;
    }
}
