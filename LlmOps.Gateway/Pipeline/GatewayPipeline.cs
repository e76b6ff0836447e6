using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Coalescing;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Functions;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Telemetry;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Pipeline;

/// <summary>The order of the stages a request passes through: the one place that states it.</summary>
internal static class GatewayPipeline
{
    /// <summary>Registers the pipeline as the <see cref="IChatClient"/> that endpoints call.</summary>
    public static IServiceCollection AddGatewayPipeline(this IServiceCollection services) => services
        .AddSingleton<TargetRoutingChatClient>()
        .AddSingleton(provider => new ChatPipelineBuilder(provider, provider.GetRequiredService<TargetRoutingChatClient>()) // innermost: tries the targets; each attempt has its own limits
            .Use<TelemetryChatClient>()          // outermost: what callers ask and are given, refusals and cached answers too
            .Use<GuardrailChatClient>()          // outside the cache: what is refused is not looked up, and old answers meet today's policy
            .Use<ExactCacheChatClient>()         // what was answered before
            .Use<CoalescingChatClient>()         // only what missed, and may be shared
            .Use<ReplicaCoalescingChatClient>()  // of several replicas, one
            .Use<SemanticCacheChatClient>()      // nobody has asked the same in the same words
            .Use<KeepingChatClient>()            // inside: what is shared is kept once, before the next identical request could miss both
            .Use<FunctionChatClient>()           // inside the caches: a hit calls no tool
            .Build());
}
