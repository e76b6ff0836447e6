namespace LlmOps.Gateway.Access.Idempotency;

/// <summary>Registers what answers requests with an idempotency key once.</summary>
internal static class IdempotencyRegistration
{
    // So long others wait for a replica that is gone; and so long one may pause without another call being made.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(12);

    public static IServiceCollection AddGatewayIdempotency(this IServiceCollection services) => services
        .AddSingleton<IdempotencyStatistics>()
        .AddSingleton<IdempotencyMemory>()
        .AddSingleton(provider => ActivatorUtilities.CreateInstance<IdempotencyLeases>(provider, Lease))
        .AddSingleton<RedisIdempotency>()
        .AddSingleton<IdempotentCalls>();
}
