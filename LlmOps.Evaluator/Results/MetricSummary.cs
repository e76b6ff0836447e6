using LlmOps.Gateway.Statistics;

namespace LlmOps.Evaluator.Results;

/// <summary>A variant by a metric, over all cases.</summary>
internal sealed record MetricSummary
{
    public required string Variant { get; init; }

    public required string Metric { get; init; }

    /// <summary>Cases that have a value; repeats of a case count as their mean.</summary>
    public required int Cases { get; init; }

    /// <summary>Answers that should have a score and have none, as the call or the scoring failed.</summary>
    public required int Missing { get; init; }

    /// <summary>Weighted by the cases' weights; null for no values.</summary>
    public double? Mean { get; init; }

    /// <summary>Of the mean; null for too few values.</summary>
    public Interval? Interval { get; init; }

    public double? Median { get; init; }

    /// <summary>The value that 95 of 100 are not above.</summary>
    public double? P95 { get; init; }

    public double? StandardDeviation { get; init; }
}
