using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>Shows in /health what becomes of telemetry, for each sink.</summary>
internal sealed class SinkHealth(Sinks sinks) : IConfigureOptions<HealthCheckServiceOptions>
{
    /// <inheritdoc/>
    public void Configure(HealthCheckServiceOptions options)
    {
        foreach (var delivery in sinks.All)
        {
            options.Registrations.Add(new HealthCheckRegistration(delivery.Name, new Check(delivery), HealthStatus.Degraded, tags: null));
        }
    }

    private sealed class Check(SinkDelivery delivery) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            var counts = string.Create(
                CultureInfo.InvariantCulture, $"{delivery.Counts.Delivered} events delivered, {delivery.Counts.AllDropped} dropped, {delivery.Waiting} wait in memory, {delivery.Spooled} bytes on the disk");
            return Task.FromResult(delivery.Fault is { } fault ? HealthCheckResult.Degraded($"{fault.TrimEnd('.')}; {counts}") : HealthCheckResult.Healthy(counts));
        }
    }
}
