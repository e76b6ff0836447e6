using System.Diagnostics.Metrics;
using LlmOps.Gateway.Telemetry;

namespace LlmOps.Gateway.Functions;

/// <summary>What is counted of calls to the gateway's tools, and of what is kept for callers.</summary>
internal static class ToolMetrics
{
    private static readonly Meter Meter = new(TelemetryNames.Source);
    private static readonly Histogram<double> Durations = Meter.CreateHistogram(
        TelemetryNames.ToolDuration, "s", "Calls to the gateway's tools and how long they took, by tool and outcome: ok, error (the model was told what went wrong), cancelled (nobody waited any more).", null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] });

    private static readonly Counter<long> KeptAnswers = Meter.CreateCounter<long>(TelemetryNames.KeptAnswers, "{answer}", "Answers with tool calls that were kept for their callers, and what had to leave memory before its time: kept, evicted.");

    /// <summary>A call is over.</summary>
    public static void Called(string tool, string outcome, TimeSpan took)
    {
        if (Durations.Enabled)
        {
            Durations.Record(took.TotalSeconds, new(TelemetryNames.ToolName, tool), new("outcome", outcome));
        }
    }

    /// <summary>An answer is kept, or something kept had to make way.</summary>
    public static void Kept(string outcome)
    {
        if (KeptAnswers.Enabled)
        {
            KeptAnswers.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }
}
