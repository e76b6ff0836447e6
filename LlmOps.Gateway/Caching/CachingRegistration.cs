using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Caching.Coalescing;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Caching;

/// <summary>Registers what keeps answers.</summary>
internal static class CachingRegistration
{
    public static IServiceCollection AddGatewayCaching(this IServiceCollection services) => services
        .AddSingleton(provider => new MemoryAnswers(
            provider.GetRequiredService<GatewayConfiguration>().Current.Options.Caching.MaxMemoryBytes, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<RedisAnswers>()
        .AddSingleton<CacheGenerations>()
        .AddHostedService(provider => provider.GetRequiredService<CacheGenerations>())
        .AddSingleton<ReplicaLocks>()
        .AddSingleton<CacheStatistics>()
        .AddSingleton<AnswerCache>()
        .AddSemanticCache();
}
