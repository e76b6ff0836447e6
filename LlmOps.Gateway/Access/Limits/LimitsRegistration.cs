namespace LlmOps.Gateway.Access.Limits;

/// <summary>Registers the limits.</summary>
internal static class LimitsRegistration
{
    // The places of a replica that is gone come back within a minute.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(45);

    public static IServiceCollection AddGatewayLimits(this IServiceCollection services) => services
        .AddSingleton<RequestLimiter>()
        .AddSingleton(provider => new MemoryLimits(provider.GetRequiredService<TimeProvider>()))
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<RedisLeases>(provider, Lease))
        .AddSingleton<RedisLimits>()
        .AddSingleton<ILimitStore, SharedLimits>();
}
