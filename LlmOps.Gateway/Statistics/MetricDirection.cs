namespace LlmOps.Gateway.Statistics;

/// <summary>Which way a metric gets better.</summary>
internal enum MetricDirection
{
    /// <summary>Less is better: latency, cost, failures.</summary>
    LowerIsBetter,

    /// <summary>More is better: scores, successes.</summary>
    HigherIsBetter,
}
