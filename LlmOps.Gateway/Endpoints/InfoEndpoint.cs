using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Routing;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints;

/// <summary>GET /info: what this gateway is and where a request that names no model goes.</summary>
internal static class InfoEndpoint
{
    public static void MapInfo(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/info", Get).WithTags("Operations").WithSummary("What this gateway is");

    private static Ok<InfoReply> Get(GatewayConfiguration configuration)
    {
        var snapshot = configuration.Current;
        var (options, telemetry) = (snapshot.Options.Endpoints, snapshot.Options.Telemetry);
        var targets = TargetsOf(snapshot);
        return TypedResults.Ok(new InfoReply(
            options.ServiceName, ProgramVersion.Shown(options), targets.Count > 0 ? targets[0].Provider : null, snapshot.Models.DefaultModel, targets.Count > 1 ? targets[1].Provider : null, telemetry.MLflow.TrackingUri is not null, telemetry.Langfuse is { PublicKey: not null, SecretKey: not null }, CacheOf(snapshot),
            snapshot.Version, [.. snapshot.Providers.Where(provider => provider.IsConfigured).Select(provider => provider.Name)]));
    }

    // The default model may be one whose provider is not configured yet; /info says so by a null.
    private static IReadOnlyList<Target> TargetsOf(GatewaySnapshot snapshot)
    {
        try
        {
            return snapshot.Models.Resolve(snapshot.Models.DefaultModel).Route.Targets;
        }
        catch (ProviderException)
        {
            return [];
        }
    }

    private static string CacheOf(GatewaySnapshot snapshot)
    {
        var caching = snapshot.Options.Caching;
        return !caching.Enabled ? "off"
            : (snapshot.Options.Redis is { Enabled: not false, ConnectionString: not null } ? "redis" : "memory") + (caching.Semantic.Mode == SemanticMode.On ? "+semantic" : "");
    }
}

/// <summary>What /info answers.</summary>
/// <param name="Service">Name of the service.</param>
/// <param name="Version">Its version.</param>
/// <param name="Provider">Provider of the default model; null while that is not configured.</param>
/// <param name="Model">The default model.</param>
/// <param name="Fallback">The provider that requests for the default model go to when the first one fails; null for none.</param>
/// <param name="MlflowEnabled">Whether requests are recorded in MLflow.</param>
/// <param name="LangfuseEnabled">Whether requests are recorded in Langfuse.</param>
/// <param name="Cache">Which cache is in force: off, memory or redis, with +semantic where that is on.</param>
/// <param name="Config">Version of the configuration, as in X-LlmOps-Config.</param>
/// <param name="Providers">The configured providers.</param>
internal sealed record InfoReply(
    string Service, string Version, string? Provider, string Model, string? Fallback, bool MlflowEnabled, bool LangfuseEnabled, string Cache,
    string Config, IReadOnlyList<string> Providers);
