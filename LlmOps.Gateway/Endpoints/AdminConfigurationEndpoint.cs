using System.Text.Json.Serialization;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Endpoints;

/// <summary>GET /admin/configuration: which configuration is in force, and why a change was not taken.</summary>
internal static class AdminConfigurationEndpoint
{
    public static void MapAdminConfiguration(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/admin/configuration", Get).WithTags("Administration").WithSummary("The configuration in force").Produces<ConfigurationReply>();

    private static IResult Get(GatewayConfiguration configuration)
    {
        var snapshot = configuration.Current;
        return Results.Json(
            new ConfigurationReply(
                snapshot.Version,
                configuration.LoadedAt,
                configuration.Faults,
                [.. snapshot.Providers.Select(provider => new ProviderReply(provider.Name, provider.Client is not null, provider.Missing))]),
            ConfigurationContext.Default.ConfigurationReply);
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

/// <summary>Source-generated JSON of /admin/configuration.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ConfigurationReply))]
internal sealed partial class ConfigurationContext : JsonSerializerContext;
