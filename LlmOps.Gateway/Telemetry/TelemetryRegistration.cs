using LlmOps.Gateway.Telemetry.Delivery;
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
        .AddSingleton<Sinks>()
        .AddHostedService(provider => provider.GetRequiredService<Sinks>())
        .AddSingleton<IConfigureOptions<HealthCheckServiceOptions>, SinkHealth>();
}
