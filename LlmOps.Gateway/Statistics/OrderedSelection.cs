namespace LlmOps.Gateway.Statistics;

/// <summary>
/// Finds the k-th smallest of values that are not written down but can be counted, such as all differences between two samples:
/// 50,000 each have 2.5 billion. It halves the range of possible doubles, at most 64 times, so the result is exact.
/// </summary>
internal static class OrderedSelection
{
    /// <summary>The k-th smallest value, counted from 1.</summary>
    /// <param name="low">A bound that none is below.</param>
    /// <param name="high">A bound that none is above.</param>
    /// <param name="k">From 1 to their number.</param>
    /// <param name="countAtMost">How many are at most so large.</param>
    public static double Find(double low, double high, long k, Func<double, long> countAtMost)
    {
        var (from, to) = (ToOrder(low), ToOrder(high));
        while (from < to)
        {
            // The average, without the overflow of a sum.
            var middle = (from & to) + ((from ^ to) >> 1);
            if (countAtMost(ToValue(middle)) >= k)
            {
                to = middle;
            }
            else
            {
                from = middle + 1;
            }
        }

        return ToValue(from) + 0.0;
    }

    /// <summary>The median of values that can only be counted: the mean of the two in the middle, if their number is even.</summary>
    public static double Median(double low, double high, long count, Func<double, long> countAtMost)
    {
        var upper = Find(low, high, (count / 2) + 1, countAtMost);
        return count % 2 == 1 ? upper : (Find(low, high, count / 2, countAtMost) + upper) / 2;
    }

    // The bits of a double as a number that grows with it.
    private static long ToOrder(double value) => Flip(BitConverter.DoubleToInt64Bits(value));

    private static double ToValue(long order) => BitConverter.Int64BitsToDouble(Flip(order));

    private static long Flip(long bits) => bits >= 0 ? bits : bits ^ long.MaxValue;
}
