namespace LlmOps.Gateway.Statistics;

/// <summary>A mean of values that count differently. Where all weights are the same, all of it is as without them.</summary>
/// <param name="Mean">In the unit of the values.</param>
/// <param name="EffectiveCount">As many values of equal weight would say as much: (Σw)² / Σw² (Kish 1965, section 11.7).</param>
/// <param name="StandardDeviation">Of the values, weighted, with n - 1 for the effective count n; 0 where that is 1.</param>
/// <param name="StandardError">Of the mean, linearized: √(Σw²(x - mean)²) / Σw (Cochran 1977, eq. 6.13), with n / (n - 1) under the root.</param>
internal readonly record struct WeightedMean(double Mean, double EffectiveCount, double StandardDeviation, double StandardError)
{
    /// <summary>Of values.</summary>
    /// <param name="values">At least one, finite.</param>
    /// <param name="weights">Above 0; as many.</param>
    public static WeightedMean Of(ReadOnlySpan<double> values, ReadOnlySpan<double> weights)
    {
        var (sum, all, squares) = (0.0, 0.0, 0.0);
        for (var index = 0; index < values.Length; index++)
        {
            sum += weights[index] * values[index];
            all += weights[index];
            squares += weights[index] * weights[index];
        }

        var (mean, count) = (sum / all, all * all / squares);
        var (deviations, errors) = (0.0, 0.0);
        for (var index = 0; index < values.Length; index++)
        {
            var deviation = weights[index] * (values[index] - mean) * (values[index] - mean);
            deviations += deviation;
            errors += weights[index] * deviation;
        }

        var unbiased = count > 1 ? count / (count - 1) : 0;
        return new WeightedMean(mean, count, Math.Sqrt(deviations / all * unbiased), Math.Sqrt(errors * unbiased) / all);
    }
}
