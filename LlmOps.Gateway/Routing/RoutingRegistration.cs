using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>Registers what routing remembers from request to request, and the way of texts to their embeddings. That of chats is the pipeline's.</summary>
internal static class RoutingRegistration
{
    public static IServiceCollection AddGatewayRouting(this IServiceCollection services) =>
        services.AddSingleton<TargetStates>().AddSingleton<RetryBudget>().AddSingleton<IEmbeddingGenerator<string, Embedding<float>>, TargetRoutingEmbeddingGenerator>();
}
