using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Metrics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Telemetry;

/// <summary>Registers what notes and tells what happened.</summary>
internal static class TelemetryRegistration
{
    public static IServiceCollection AddGatewayTelemetry(this IServiceCollection services) => services
        .AddSingleton<RequestLog>()
        .AddSingleton<RequestStatistics>()
        .AddSingleton<TraceBuilder>()
        .AddSingleton<RequestTelemetry>()
        .AddSingleton<PrometheusMetrics>()
        .AddHostedService(provider => provider.GetRequiredService<PrometheusMetrics>())
        .AddSingleton<IHealthCheckPublisher, DependencyMetrics>()
        .AddSingleton<Sinks>()
        .AddHostedService(provider => provider.GetRequiredService<Sinks>())
        .AddSingleton<IConfigureOptions<HealthCheckServiceOptions>, SinkHealth>();
}
