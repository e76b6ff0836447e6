namespace LlmOps.Gateway.Telemetry;

/// <summary>Registers what notes and tells what happened.</summary>
internal static class TelemetryRegistration
{
    public static IServiceCollection AddGatewayTelemetry(this IServiceCollection services) =>
        services.AddSingleton<RequestLog>().AddSingleton<RequestStatistics>();
}
