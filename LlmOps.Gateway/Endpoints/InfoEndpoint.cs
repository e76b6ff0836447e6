using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
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
        var options = snapshot.Options.Endpoints;
        return TypedResults.Ok(new InfoReply(
            options.ServiceName, ProgramVersion.Shown(options), ProviderOf(snapshot), snapshot.Models.DefaultModel, null, false, false, "off",
            snapshot.Version, [.. snapshot.Providers.Where(provider => provider.IsConfigured).Select(provider => provider.Name)]));
    }

    // The default model may be one whose provider is not configured yet; /info says so by a null.
    private static string? ProviderOf(GatewaySnapshot snapshot)
    {
        try
        {
            return snapshot.Models.Resolve(snapshot.Models.DefaultModel).Route.Target.Provider;
        }
        catch (ProviderException)
        {
            return null;
        }
    }
}

/// <summary>What /info answers.</summary>
/// <param name="Service">Name of the service.</param>
/// <param name="Version">Its version.</param>
/// <param name="Provider">Provider of the default model; null while that is not configured.</param>
/// <param name="Model">The default model.</param>
/// <param name="Fallback">Where requests for the default model go when its provider fails; null for nowhere.</param>
/// <param name="MlflowEnabled">Whether requests are recorded in MLflow.</param>
/// <param name="LangfuseEnabled">Whether requests are recorded in Langfuse.</param>
/// <param name="Cache">Which cache is in force.</param>
/// <param name="Config">Version of the configuration, as in X-LlmOps-Config.</param>
/// <param name="Providers">The configured providers.</param>
internal sealed record InfoReply(
    string Service, string Version, string? Provider, string Model, string? Fallback, bool MlflowEnabled, bool LangfuseEnabled, string Cache,
    string Config, IReadOnlyList<string> Providers);
