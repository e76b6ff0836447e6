using System.Globalization;
using LlmOps.Gateway.Configuration;
using LlmOps.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>Shows in /health whether the MCP servers are up, where there were some at the start. Nobody is connected to for it.</summary>
internal sealed class McpHealth(GatewayConfiguration configuration, ToolSources sources) : IHealthCheck, IDependencyProbe, IConfigureOptions<HealthCheckServiceOptions>
{
    private const string CheckName = "mcp";

    /// <inheritdoc/>
    public string Dependency => CheckName;

    /// <inheritdoc/>
    public void Configure(HealthCheckServiceOptions options)
    {
        if (configuration.Current.Options.Functions.Servers.Count > 0)
        {
            options.Registrations.Add(new HealthCheckRegistration(CheckName, this, HealthStatus.Degraded, tags: null));
        }
    }

    /// <inheritdoc/>
    // As the slowest took to its latest list: those that nobody needs are not asked.
    public Task<TimeSpan?> LatencyAsync(CancellationToken cancellationToken) => Task.FromResult(sources.Servers.Where(server => server.IsUp).Max(server => server.ListTook));

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var servers = sources.Servers.ToList();
        var down = servers.Where(server => server.Fault is not null).ToList();
        return Task.FromResult(down.Count == 0
            ? HealthCheckResult.Healthy(string.Create(CultureInfo.InvariantCulture, $"{servers.Count(server => server.IsUp)} of {servers.Count} servers connected, the others not needed yet"))
            : HealthCheckResult.Degraded($"down: {string.Join("; ", down.Select(server => $"{server.Name}: {server.Fault}"))}"));
    }
}
