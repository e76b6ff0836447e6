namespace LlmOps.Gateway.Statistics;

/// <summary>Quantiles of a sample, by one estimator everywhere: Hyndman and Fan 1996, definition 7, which R, NumPy and spreadsheets have by default.</summary>
internal static class Quantiles
{
    /// <summary>The quantile, in the unit of the values; null for no values, or a probability outside 0 to 1.</summary>
    /// <param name="values">In any order; those that are not finite are left out.</param>
    /// <param name="probability">0 is the least value, 0.5 the median, 1 the largest.</param>
    public static double? Of(ReadOnlySpan<double> values, double probability)
    {
        var sorted = Observations.Sorted(values);
        return sorted.Length == 0 || probability is not (>= 0 and <= 1) ? null : OfSorted(sorted, probability);
    }

    /// <summary>The same of at least one finite value, in ascending order.</summary>
    public static double OfSorted(ReadOnlySpan<double> sorted, double probability)
    {
        var (index, share) = Place(sorted.Length, probability);
        return Between(sorted[index], sorted[Math.Min(index + 1, sorted.Length - 1)], share);
    }

    /// <summary>The value, counted from 0, at or after which the quantile lies, and how far towards the next one, 0 to 1.</summary>
    public static (int Index, double Share) Place(int count, double probability)
    {
        var place = (count - 1) * probability;
        var index = Math.Min((int)place, count - 1);
        return (index, place - index);
    }

    /// <summary>The value at a share of the way from one to the next.</summary>
    public static double Between(double low, double high, double share) => share == 0 ? low : low + (share * (high - low));
}
