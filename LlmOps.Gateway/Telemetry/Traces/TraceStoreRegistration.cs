namespace LlmOps.Gateway.Telemetry.Traces;

/// <summary>Registers the store of traces; its sink is made with the others.</summary>
internal static class TraceStoreRegistration
{
    public static IServiceCollection AddTraceStore(this IServiceCollection services) => services
        .AddSingleton<TraceTables>()
        .AddSingleton<TraceSearch>()
        .AddHostedService<TraceRetention>();
}
