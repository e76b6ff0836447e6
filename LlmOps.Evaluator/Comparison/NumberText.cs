using System.Globalization;
using LlmOps.Evaluator.Results;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Comparison;

/// <summary>A metric's numbers as people read them: passes as rates, amounts with three digits and their unit, scores with three decimals.</summary>
internal static class NumberText
{
    /// <summary>0.412, 87.5 %, 1,020 ms, 0.00123 USD.</summary>
    public static string Value(Metric metric, double value) => Number(metric, value, isSigned: false) + (metric.Kind == MetricKind.Pass ? " %" : Unit(metric));

    /// <summary>A difference with its sign: +0.041, -6.2 points, +190 ms.</summary>
    public static string Difference(Metric metric, double difference) => Number(metric, difference, isSigned: true) + Unit(metric);

    /// <summary>A difference without a sign: 0.03, 6.2 points, 190 ms.</summary>
    public static string Size(Metric metric, double difference) => Number(metric, Math.Abs(difference), isSigned: false) + Unit(metric);

    /// <summary>An interval of a difference: +0.018 to +0.063.</summary>
    public static string Range(Metric metric, Interval interval) => $"{Number(metric, interval.Low, isSigned: true)} to {Difference(metric, interval.High)}";

    /// <summary>p = 0.0009, p &lt; 0.0001.</summary>
    public static string PValue(double value) => value < 0.0001 ? "p < 0.0001" : $"p = {value.ToString(value < 0.1 ? "0.####" : "0.##", CultureInfo.InvariantCulture)}";

    /// <summary>95 %.</summary>
    public static string Share(double value) => $"{(100 * value).ToString("0.##", CultureInfo.InvariantCulture)} %";

    private static string Unit(Metric metric) => metric switch
    {
        { Kind: MetricKind.Pass } => " points",
        { Unit: { } unit } => $" {unit}",
        _ => "",
    };

    private static string Number(Metric metric, double value, bool isSigned)
    {
        var format = metric.Kind switch
        {
            MetricKind.Pass => "0.#",
            MetricKind.Score when value is 0 || Math.Abs(value) is >= 0.0005 and < 10 => "0.000",
            MetricKind.Score when Math.Abs(value) >= 10 => Digits(value, 4),
            MetricKind.Score => Digits(value, 2),
            _ => Digits(value, 3),
        };
        return (metric.Kind == MetricKind.Pass ? 100 * value : value).ToString(isSigned ? $"+{format};-{format};0" : format, CultureInfo.InvariantCulture);
    }

    // So many digits, but no whole one is rounded away.
    private static string Digits(double value, int digits)
    {
        var decimals = value is 0 ? 0 : Math.Clamp(digits - 1 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 12);
        return decimals == 0 ? "#,##0" : "0." + new string('0', decimals);
    }
}
