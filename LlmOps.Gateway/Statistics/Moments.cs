namespace LlmOps.Gateway.Statistics;

/// <summary>
/// Count, mean and sum of squared deviations of values, to which values and other moments can be added in any order: what a
/// mean is compared by, without the values. <c>default</c> is that of no values.
/// </summary>
/// <param name="Count">How many values.</param>
/// <param name="Mean">Their mean, in their unit; 0 for none.</param>
/// <param name="SquaredDeviations">The sum of (value - mean)², "M2".</param>
internal readonly record struct Moments(long Count, double Mean, double SquaredDeviations)
{
    /// <summary>The variance of the sample, with n - 1; null for fewer than two values.</summary>
    public double? Variance => Count < 2 ? null : SquaredDeviations / (Count - 1);

    /// <summary>Of values, left out those that are not finite.</summary>
    public static Moments Of(ReadOnlySpan<double> values)
    {
        var moments = default(Moments);
        foreach (var value in values)
        {
            moments = moments.Add(value);
        }

        return moments;
    }

    /// <summary>Of a sample that is known by its count, mean and variance (with n - 1); those of no values where these cannot be.</summary>
    public static Moments Of(long count, double mean, double variance) =>
        count > 0 && double.IsFinite(mean) && double.IsFinite(variance) && variance >= 0 ? new(count, mean, variance * (count - 1)) : default;

    /// <summary>With one more value (Welford 1962); the same if it is not finite.</summary>
    public Moments Add(double value)
    {
        if (!double.IsFinite(value))
        {
            return this;
        }

        var count = Count + 1;
        var deviation = value - Mean;
        var mean = Mean + (deviation / count);
        return new Moments(count, mean, SquaredDeviations + (deviation * (value - mean)));
    }

    /// <summary>Of the values of both (Chan, Golub, LeVeque 1979).</summary>
    public Moments Merge(Moments other)
    {
        if (Count == 0 || other.Count == 0)
        {
            return Count == 0 ? other : this;
        }

        var count = Count + other.Count;
        var apart = other.Mean - Mean;
        return new Moments(
            count,
            Mean + (apart * other.Count / count),
            SquaredDeviations + other.SquaredDeviations + (apart * apart * Count * ((double)other.Count / count)));
    }
}
