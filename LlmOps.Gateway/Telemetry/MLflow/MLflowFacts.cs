using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Endpoints;

namespace LlmOps.Gateway.Telemetry.MLflow;

/// <summary>What is told of the gateway itself, as it was at its start.</summary>
/// <param name="Service">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Instance">What of its replicas it is: machine and process.</param>
/// <param name="Parameters">The settings that its numbers depend on, by name.</param>
internal sealed record MLflowFacts(string Service, string Version, string Instance, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>Those of this process under a configuration.</summary>
    public static MLflowFacts Of(GatewaySnapshot snapshot)
    {
        var (options, caching) = (snapshot.Options, snapshot.Options.Caching);
        return new MLflowFacts(
            options.Endpoints.ServiceName,
            ProgramVersion.Shown(options.Endpoints),
            $"{Environment.MachineName}-{Environment.ProcessId}",
            new Dictionary<string, string>
            {
                ["configuration"] = snapshot.Version,
                ["default_model"] = snapshot.Models.DefaultModel,
                ["providers"] = string.Join(", ", snapshot.Providers.Where(provider => provider.IsConfigured).Select(provider => provider.Name)),
                ["cache_time_to_live"] = caching.TimeToLive.ToString(),
                ["semantic_cache"] = caching.Semantic.Mode.ToString(),
                ["max_attempts"] = options.Routing.MaxAttempts.ToString(System.Globalization.CultureInfo.InvariantCulture),
            });
    }
}
