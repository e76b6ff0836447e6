using LlmOps.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Caching.Semantic.Qdrant;

/// <summary>Shows in /health whether Qdrant is up, where there is one.</summary>
internal sealed class QdrantHealth(ISemanticStore store, TimeProvider time) : IHealthCheck, IDependencyProbe, IConfigureOptions<HealthCheckServiceOptions>
{
    /// <inheritdoc/>
    public string Dependency => store.Name;

    /// <inheritdoc/>
    public void Configure(HealthCheckServiceOptions options)
    {
        if (store is QdrantStore)
        {
            options.Registrations.Add(new HealthCheckRegistration(store.Name, this, HealthStatus.Degraded, tags: null));
        }
    }

    /// <inheritdoc/>
    public async Task<TimeSpan?> LatencyAsync(CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        return store is QdrantStore qdrant && await qdrant.AnswersAsync(cancellationToken) ? time.GetElapsedTime(startedAt) : null;
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(((QdrantStore)store).Fault is { } fault ? HealthCheckResult.Degraded($"down: {fault}") : HealthCheckResult.Healthy("up"));
}
