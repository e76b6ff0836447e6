using System.Diagnostics.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LlmOps.Gateway.Telemetry.Metrics;

/// <summary>The state of everything that /health tells of, as it was seen last, as a metric.</summary>
internal sealed class DependencyMetrics : IHealthCheckPublisher, IDisposable
{
    private readonly Meter _meter = new(TelemetryNames.Source);
    private IReadOnlyDictionary<string, HealthReportEntry> _seen = new Dictionary<string, HealthReportEntry>();

    public DependencyMetrics() => _meter.CreateObservableGauge(
        TelemetryNames.DependencyState,
        () => _seen.Select(entry => new Measurement<int>(entry.Value.Status == HealthStatus.Healthy ? 1 : 0, new KeyValuePair<string, object?>("dependency", entry.Key))),
        "{state}",
        "State of what the gateway depends on: 1 healthy, 0 degraded; looked at every 5 seconds.");

    /// <inheritdoc/>
    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        _seen = report.Entries;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
