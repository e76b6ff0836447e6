using System.Collections.Concurrent;
using LlmOps.Gateway.Telemetry;

namespace LlmOps.Gateway.Functions;

/// <summary>What calls of tools came to since the start of this process. Thread-safe.</summary>
internal sealed class ToolStatistics
{
    private readonly ConcurrentDictionary<string, Counts> _tools = new(StringComparer.Ordinal);

    /// <summary>A call is over.</summary>
    /// <param name="tool">The tool's name, as models see it.</param>
    /// <param name="outcome">Of <see cref="ToolErrors"/>.</param>
    /// <param name="took">How long it took.</param>
    public void Called(string tool, string outcome, TimeSpan took)
    {
        var counts = _tools.GetOrAdd(tool, static _ => new Counts());
        counts.Outcomes.AddOrUpdate(outcome, 1, static (_, count) => count + 1);
        counts.Latency.Add(took);
    }

    /// <summary>What is known of a tool; null where it was never called.</summary>
    public Counts? Of(string tool) => _tools.GetValueOrDefault(tool);

    /// <summary>What is known of a tool.</summary>
    internal sealed class Counts
    {
        /// <summary>Calls by what came of them.</summary>
        public ConcurrentDictionary<string, long> Outcomes { get; } = new(StringComparer.Ordinal);

        /// <summary>How long they took.</summary>
        public LatencyHistogram Latency { get; } = new();
    }
}
