using System.Text.Json;
using System.Text.Json.Serialization;
using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Results;

/// <summary>What answers are scored by.</summary>
internal sealed record Metric
{
    /// <summary>What it is called: the evaluator's type, or a name that it was given.</summary>
    public required string Name { get; init; }

    /// <summary>The evaluator: rouge_l, json_schema, judge, …</summary>
    public required string Type { get; init; }

    public required MetricKind Kind { get; init; }

    public required MetricDirection Direction { get; init; }

    /// <summary>Whether it says how good an answer is, and not what it takes (latency, tokens, cost).</summary>
    public bool IsQuality { get; init; } = true;

    /// <summary>Whether it scores two variants' answers against each other: the baseline's score of a case is 1 less the variant's.</summary>
    public bool IsPairwise { get; init; }

    /// <summary>Of its values: ms, tokens, USD; null for scores.</summary>
    public string? Unit { get; init; }

    /// <summary>What the evaluator was given; null for nothing.</summary>
    public JsonElement? Settings { get; init; }

    /// <summary>The judge's prompt and version, such as answer-judge@v1; null where no model judges.</summary>
    public string? Judge { get; init; }
}

/// <summary>What values a metric has, and so which test fits.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MetricKind>))]
internal enum MetricKind
{
    /// <summary>A number, mostly 0 to 1: means, a permutation test, a bootstrap interval.</summary>
    Score,

    /// <summary>1 for passed, 0 for not: rates, McNemar's test.</summary>
    Pass,

    /// <summary>An amount with a long tail, such as a latency: ranks, Wilcoxon's test.</summary>
    Amount,
}
