using LlmOps.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Embeddings;

/// <summary>Registers the embeddings that the gateway itself needs.</summary>
internal static class EmbeddingsRegistration
{
    public static IServiceCollection AddGatewayEmbeddings(this IServiceCollection services) =>
        services.AddSingleton<GatewayEmbeddings>().AddSingleton<IConfigureOptions<HealthCheckServiceOptions>, EmbeddingsHealth>().AddSingleton<IDependencyProbe, EmbeddingsHealth>();
}
