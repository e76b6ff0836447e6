using System.Security.Cryptography;
using System.Text;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Caching.Semantic.Qdrant;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Redis;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Configuration;

/// <summary>One valid configuration and all that is built from it; immutable. A request lives its whole life under one.</summary>
/// <param name="Version">Twelve hex digits over all settings, of secrets only whether they are set: equal on replicas that are configured alike.</param>
/// <param name="Options">The settings.</param>
/// <param name="Providers">All providers, configured or not.</param>
/// <param name="Models">The models they have.</param>
internal sealed record GatewaySnapshot(string Version, GatewayOptions Options, IReadOnlyList<Provider> Providers, ModelTable Models)
{
    private const string ToolServers = "Gateway:Functions:Servers:";

    /// <summary>Where Qdrant is; null where there is none.</summary>
    public QdrantAddress? Qdrant { get; private init; }

    /// <summary>The model that scores answers; null for none.</summary>
    public ModelRoute? JudgeRoute { get; private init; }

    /// <summary>The models that have limits.</summary>
    public IReadOnlyList<LimitedModel> LimitedModels { get; private init; } = [];

    /// <summary>What may go in to a model, and what may come out.</summary>
    public required GuardrailPolicies Guardrails { get; init; }

    /// <summary>Reads, validates and builds the whole configuration.</summary>
    /// <exception cref="ConfigurationException">It has faults; all of them are named.</exception>
    public static GatewaySnapshot Build(IConfiguration configuration, ProviderFactory factory, TargetStates states)
    {
        var faults = new List<string>(ConfigurationFiles.Faults(configuration));
        var options = new OptionsReader(faults).Read<GatewayOptions>(configuration, GatewayOptions.SectionName);
        LogSettings.Validate(configuration, faults);
        options.Redis.ConnectionString ??= configuration.GetConnectionString("redis") is { Length: > 0 } injected ? new Secret(injected) : null;
        RedisSettings.Read(options.Redis, faults);
        options.Storage.ConnectionString ??= configuration.GetConnectionString("llmops") is { Length: > 0 } linked ? new Secret(linked) : null;
        PostgresConnectionString.Read(options.Storage, faults);
        options.Access.Validate(faults);
        options.Telemetry.Validate(faults);
        options.Functions.Validate(faults);
        var qdrant = QdrantAddress.Read(options.Caching.Semantic.Qdrant, configuration.GetConnectionString("qdrant"), faults);
        var providers = factory.Create(options, faults);
        var models = new ModelTable(options, providers, states, faults);
        TrustedProxies.Check(options.Access.TrustedProxies, faults);
        var limited = RequestLimiter.Find(options.Access.ModelLimits, models, faults);
        var guardrails = new GuardrailPolicies(options.Guardrails, models, faults);
        var judge = options.Telemetry.OnlineJudge;
        var judgeRoute = judge.Share > 0 ? models.ChatModel("Gateway:Telemetry:OnlineJudge:Model", judge.Model, "as Share is above 0", faults) : null;
        return faults.Count == 0
            ? new GatewaySnapshot(VersionOf(configuration), options, providers, models) { Qdrant = qdrant, LimitedModels = limited, Guardrails = guardrails, JudgeRoute = judgeRoute }
            : throw new ConfigurationException(faults);
    }

    private static string VersionOf(IConfiguration configuration)
    {
        var settings = configuration.GetSection(GatewayOptions.SectionName).AsEnumerable()
            .Where(setting => setting.Value is { Length: > 0 })
            .Select(setting => $"{setting.Key.ToUpperInvariant()}={(IsSecret(setting.Key) ? Secret.Mask : setting.Value)}\n")
            .Order(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(settings))))[..12];
    }

    private static bool IsSecret(string key) =>
        key.EndsWith("Key", StringComparison.OrdinalIgnoreCase) || key.EndsWith("Secret", StringComparison.OrdinalIgnoreCase) || key.EndsWith("Password", StringComparison.OrdinalIgnoreCase) || key.EndsWith("ConnectionString", StringComparison.OrdinalIgnoreCase)
        || (key.StartsWith(ToolServers, StringComparison.OrdinalIgnoreCase) && (key.Contains(":Headers:", StringComparison.OrdinalIgnoreCase) || key.Contains(":Environment:", StringComparison.OrdinalIgnoreCase)));
}
