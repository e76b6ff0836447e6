namespace LlmOps.Gateway.Statistics;

/// <summary>The one rule for values that are no numbers: NaN and infinity are no observations, and left out; of pairs, the pair.</summary>
internal static class Observations
{
    /// <summary>The finite values, in a new array, in ascending order.</summary>
    public static double[] Sorted(ReadOnlySpan<double> values)
    {
        var sorted = new double[values.Length];
        var count = 0;
        foreach (var value in values)
        {
            if (double.IsFinite(value))
            {
                sorted[count++] = value;
            }
        }

        Array.Resize(ref sorted, count);
        Array.Sort(sorted);
        return sorted;
    }

    /// <summary>Variant minus baseline of each pair that has both, in the given order.</summary>
    /// <exception cref="ArgumentException">There are not as many of one as of the other, so these are no pairs.</exception>
    public static double[] Differences(ReadOnlySpan<double> baseline, ReadOnlySpan<double> variant)
    {
        if (baseline.Length != variant.Length)
        {
            throw new ArgumentException($"Pairs need as many values of one as of the other, not {baseline.Length} and {variant.Length}.", nameof(variant));
        }

        var differences = new double[baseline.Length];
        var count = 0;
        for (var pair = 0; pair < baseline.Length; pair++)
        {
            var difference = variant[pair] - baseline[pair];
            if (double.IsFinite(difference))
            {
                differences[count++] = difference;
            }
        }

        Array.Resize(ref differences, count);
        return differences;
    }
}
