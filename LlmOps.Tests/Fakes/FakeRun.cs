using System.Text.Json;
using System.Text.RegularExpressions;

namespace LlmOps.Tests.Fakes;

/// <summary>A metric of a run.</summary>
internal sealed record FakeMetric(string Key, decimal Value, long Timestamp, long Step);

/// <summary>A run of MLflow, with the limits of what is logged to it.</summary>
internal sealed class FakeRun(string id, string experiment, string name, long startTime)
{
    private const string Invalid = "INVALID_PARAMETER_VALUE";

    private readonly List<FakeMetric> _metrics = [];

    public string Id => id;

    public string Experiment => experiment;

    public string Name => name;

    public long StartTime => startTime;

    public string Status { get; set; } = "RUNNING";

    public long? EndTime { get; set; }

    /// <summary>active, or deleted.</summary>
    public string Stage { get; set; } = "active";

    public Dictionary<string, string> Tags { get; } = [];

    public Dictionary<string, string> Parameters { get; } = [];

    /// <summary>Its metrics, in the order in which they came.</summary>
    public IReadOnlyList<FakeMetric> Metrics => _metrics;

    /// <summary>The metrics of a step, by name.</summary>
    public IReadOnlyDictionary<string, decimal> At(long step) => _metrics.Where(metric => metric.Step == step).ToDictionary(metric => metric.Key, metric => metric.Value);

    /// <summary>The sum of a metric over all steps.</summary>
    public decimal Sum(string key) => _metrics.Where(metric => metric.Key == key).Sum(metric => metric.Value);

    /// <summary>Takes a batch, or none of it.</summary>
    public void Log(JsonElement body)
    {
        var (metrics, parameters, tags) = (Metric(body).ToList(), Pairs(body, "params", longest: 6000).ToList(), Pairs(body, "tags", longest: 5000).ToList());
        Check(metrics.Count <= 1000 && parameters.Count <= 100 && tags.Count <= 100 && metrics.Count + parameters.Count + tags.Count <= 1000, "A batch logging request can contain at most 1000 metrics, 100 params and 100 tags.");
        foreach (var (key, value) in parameters)
        {
            Check(Parameters.TryAdd(key, value) || Parameters[key] == value, $"Changing param values is not allowed. Param with key='{key}' was already logged.");
        }

        foreach (var (key, value) in tags)
        {
            Tags[key] = value;
        }

        // One of the same key, time, step and value is the same metric.
        _metrics.AddRange(metrics.Where(metric => !_metrics.Contains(metric)));
    }

    /// <summary>The pairs of key and value that a body has.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Pairs(JsonElement body, string field, int longest)
    {
        foreach (var pair in List(body, field))
        {
            var (key, value) = (Key(pair), pair.GetProperty("value").GetString()!);
            Check(value.Length <= longest, $"'{value[..Math.Min(value.Length, 100)]}' had length {value.Length}, which exceeded length limit of {longest}");
            yield return new(key, value);
        }
    }

    private static IEnumerable<FakeMetric> Metric(JsonElement body)
    {
        foreach (var metric in List(body, "metrics"))
        {
            Check(metric.GetProperty("value").ValueKind == JsonValueKind.Number, "Got invalid value for metric");
            Check(metric.GetProperty("timestamp").TryGetInt64(out var time) && time >= 0, "Timestamp must be a nonnegative long");
            yield return new FakeMetric(Key(metric), metric.GetProperty("value").GetDecimal(), time, metric.GetProperty("step").GetInt64());
        }
    }

    private static JsonElement[] List(JsonElement body, string field) => body.TryGetProperty(field, out var list) ? [.. list.EnumerateArray()] : [];

    private static string Key(JsonElement pair)
    {
        var key = pair.GetProperty("key").GetString()!;
        Check(key.Length is > 0 and <= 250 && Regex.IsMatch(key, @"^[/\w.\- ]*$"), $"Invalid name: '{key}'.");
        return key;
    }

    private static void Check(bool holds, string message)
    {
        if (!holds)
        {
            throw new FakeMLflow.Refusal(Invalid, message);
        }
    }
}
