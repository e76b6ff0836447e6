namespace LlmOps.Gateway.Statistics;

/// <summary>What corrections look at of a list of p-values.</summary>
internal static class KnownPValues
{
    /// <summary>The places of those that are known, 0 to 1, the smallest first; of equal ones the first.</summary>
    public static int[] Ascending(IReadOnlyList<double?> pValues) =>
        [.. Enumerable.Range(0, pValues.Count).Where(index => pValues[index] is >= 0 and <= 1).OrderBy(index => pValues[index])];
}
