using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace LlmOps.Gateway.Telemetry.Metrics;

/// <summary>
/// Metrics in Prometheus' text format 0.0.4, their names by OpenTelemetry's rules for it: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/.
/// Stands in for OpenTelemetry.Exporter.Prometheus. Not thread-safe.
/// </summary>
internal sealed class PrometheusText : BaseExporter<Metric>
{
    /// <summary>The format's content type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <summary>What was written by the last collection.</summary>
    public string Text => _text.ToString();

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        _text.Clear();
        var told = new HashSet<string>();
        foreach (var metric in batch)
        {
            var name = NameOf(metric);
            if (told.Add(name))
            {
                _text.Append("# HELP ").Append(name).Append(' ').Append(Escaped(metric.Description, quoted: false)).Append('\n');
                _text.Append("# TYPE ").Append(name).Append(' ').Append(TypeOf(metric)).Append('\n');
            }

            foreach (ref readonly var point in metric.GetMetricPoints())
            {
                Write(name, metric.MetricType, in point);
            }
        }

        return ExportResult.Success;
    }

    private void Write(string name, MetricType type, in MetricPoint point)
    {
        var labels = LabelsOf(point.Tags);
        switch (type)
        {
            case MetricType.Histogram:
                WriteHistogram(name, labels, in point);
                break;
            case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                Line(name, "", labels, point.GetSumLong());
                break;
            case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                Line(name, "", labels, point.GetSumDouble());
                break;
            case MetricType.LongGauge:
                Line(name, "", labels, point.GetGaugeLastValueLong());
                break;
            case MetricType.DoubleGauge:
                Line(name, "", labels, point.GetGaugeLastValueDouble());
                break;
        }
    }

    private void WriteHistogram(string name, string labels, in MetricPoint point)
    {
        var below = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            below += bucket.BucketCount;
            var bound = $"le=\"{Shown(bucket.ExplicitBound)}\"";
            Line(name, "_bucket", labels.Length == 0 ? bound : $"{labels},{bound}", below);
        }

        Line(name, "_sum", labels, point.GetHistogramSum());
        Line(name, "_count", labels, point.GetHistogramCount());
    }

    private void Line(string name, string suffix, string labels, double value)
    {
        _text.Append(name).Append(suffix);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ').Append(Shown(value)).Append('\n');
    }

    private static string LabelsOf(ReadOnlyTagCollection tags)
    {
        var labels = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            labels.Append(labels.Length == 0 ? "" : ",").Append(Plain(name)).Append("=\"").Append(Escaped(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", quoted: true)).Append('"');
        }

        return labels.ToString();
    }

    private static string NameOf(Metric metric)
    {
        var name = Plain(metric.Name);
        var unit = UnitOf(metric.Unit);
        if (unit.Length > 0 && !name.EndsWith(unit, StringComparison.Ordinal))
        {
            name = $"{name}_{unit}";
        }

        return metric.MetricType is MetricType.LongSum or MetricType.DoubleSum ? $"{name}_total" : name;
    }

    // What stands in braces is a word of the instrument's, no unit.
    private static string UnitOf(string unit) => unit switch
    {
        "s" => "seconds",
        "ms" => "milliseconds",
        "By" => "bytes",
        "1" => "ratio",
        _ => "",
    };

    private static string TypeOf(Metric metric) => metric.MetricType switch
    {
        MetricType.Histogram => "histogram",
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        _ => "gauge",
    };

    private static string Plain(string name) => string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_' ? letter : '_'));

    private static string Escaped(string text, bool quoted)
    {
        var escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quoted ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static string Shown(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString(CultureInfo.InvariantCulture),
    };
}
