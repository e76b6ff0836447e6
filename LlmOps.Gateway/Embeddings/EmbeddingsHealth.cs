using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Providers;
using LlmOps.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Embeddings;

/// <summary>Shows in /health whether the gateway has its embeddings, where another makes them; under the name of the provider that did so at the start.</summary>
internal sealed class EmbeddingsHealth(GatewayConfiguration configuration, GatewayEmbeddings embeddings) : IHealthCheck, IDependencyProbe, IConfigureOptions<HealthCheckServiceOptions>
{
    /// <inheritdoc/>
    public string Dependency => configuration.Current.Models.Embedding.Target.Provider;

    /// <inheritdoc/>
    public void Configure(HealthCheckServiceOptions options)
    {
        var target = configuration.Current.Models.Embedding.Target;
        if (target.ProviderType != ProviderTypes.Offline)
        {
            options.Registrations.Add(new HealthCheckRegistration(target.Provider, this, HealthStatus.Degraded, tags: null));
        }
    }

    /// <inheritdoc/>
    // As its latest calls took: another one may cost something.
    public Task<TimeSpan?> LatencyAsync(CancellationToken cancellationToken) => Task.FromResult(configuration.Current.Models.Embedding.Target.State.Latency.Value);

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var model = configuration.Current.Models.Embedding;
        return Task.FromResult(embeddings.FailureOf(model.Target) is { } failure
            ? HealthCheckResult.Degraded($"the last embedding by {model.Name} failed: {failure.Code}")
            : HealthCheckResult.Healthy($"embeddings by {model.Name}"));
    }
}
