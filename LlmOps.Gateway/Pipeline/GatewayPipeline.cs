using LlmOps.Gateway.Routing;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Pipeline;

/// <summary>The order of the stages a request passes through: the one place that states it.</summary>
internal static class GatewayPipeline
{
    /// <summary>Registers the pipeline as the <see cref="IChatClient"/> that endpoints call.</summary>
    public static IServiceCollection AddGatewayPipeline(this IServiceCollection services) =>
        services.AddSingleton<IChatClient, TargetRoutingChatClient>(); // innermost: tries the targets; each attempt has its own limits
}
