namespace LlmOps.Benchmarks.Load;

/// <summary>The few statistics that the reports need.</summary>
internal static class Statistics
{
    /// <summary>The value that so many percent of the values do not exceed (nearest rank); NaN of no values.</summary>
    public static double Percentile(double[] sorted, double percent) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Length) - 1, 0, sorted.Length - 1)];

    /// <summary>The value in the middle; NaN of no values.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>The straight line through the points: its slope, and the slope's standard error.</summary>
    public static (double Slope, double StandardError) LeastSquares(IReadOnlyList<(double X, double Y)> points)
    {
        if (points.Count < 3)
        {
            return (double.NaN, double.NaN);
        }

        var (meanX, meanY) = (points.Average(point => point.X), points.Average(point => point.Y));
        var squares = points.Sum(point => (point.X - meanX) * (point.X - meanX));
        var slope = points.Sum(point => (point.X - meanX) * (point.Y - meanY)) / squares;
        var residuals = points.Sum(point => Math.Pow(point.Y - meanY - slope * (point.X - meanX), 2));
        return (slope, Math.Sqrt(residuals / (points.Count - 2) / squares));
    }
}
