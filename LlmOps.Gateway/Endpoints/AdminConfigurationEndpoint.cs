using LlmOps.Gateway.Configuration;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints;

/// <summary>GET /admin/configuration: which configuration is in force, and why a change was not taken.</summary>
internal static class AdminConfigurationEndpoint
{
    public static void MapAdminConfiguration(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/admin/configuration", Get).WithTags("Administration").WithSummary("The configuration in force");

    private static Ok<ConfigurationReply> Get(GatewayConfiguration configuration)
    {
        var snapshot = configuration.Current;
        return TypedResults.Ok(new ConfigurationReply(
            snapshot.Version,
            configuration.LoadedAt,
            configuration.Faults,
            [.. snapshot.Providers.Select(provider => new ProviderReply(provider.Name, provider.IsConfigured, provider.Missing))]));
    }
}

/// <summary>What /admin/configuration answers.</summary>
/// <param name="Version">As in X-LlmOps-Config: equal on replicas that are configured alike.</param>
/// <param name="LoadedAt">When it came into force.</param>
/// <param name="Faults">What was wrong with the latest change; empty when it was taken.</param>
/// <param name="Providers">All providers.</param>
internal sealed record ConfigurationReply(string Version, DateTimeOffset LoadedAt, IReadOnlyList<string> Faults, IReadOnlyList<ProviderReply> Providers);

/// <summary>One provider.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Configured">Whether it can be asked.</param>
/// <param name="Missing">What to set to have it; null while it is configured.</param>
internal sealed record ProviderReply(string Name, bool Configured, string? Missing);
