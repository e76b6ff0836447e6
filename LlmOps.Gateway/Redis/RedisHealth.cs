using LlmOps.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Redis;

/// <summary>Shows in /health whether Redis is up, where there is one.</summary>
internal sealed class RedisHealth(IRedis redis, TimeProvider time) : IHealthCheck, IDependencyProbe, IConfigureOptions<HealthCheckServiceOptions>
{
    private const string Name = "redis";

    /// <inheritdoc/>
    public string Dependency => Name;

    /// <inheritdoc/>
    public void Configure(HealthCheckServiceOptions options)
    {
        if (redis.IsConfigured)
        {
            options.Registrations.Add(new HealthCheckRegistration(Name, this, HealthStatus.Degraded, tags: null));
        }
    }

    /// <inheritdoc/>
    public async Task<TimeSpan?> LatencyAsync(CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        try
        {
            await redis.ExecuteAsync("PING", [], cancellationToken);
            return time.GetElapsedTime(startedAt);
        }
        catch (RedisException)
        {
            // What is amiss is in the check.
            return null;
        }
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var servers = (redis as RedisClient)?.Servers ?? [];
        var down = servers.Where(server => server.Fault is not null).ToList();
        return Task.FromResult(down.Count == 0
            ? HealthCheckResult.Healthy("up")
            : HealthCheckResult.Degraded($"down: {string.Join("; ", down.Select(server => servers.Count == 1 ? server.Fault : $"{server.Address}: {server.Fault}"))}"));
    }
}
