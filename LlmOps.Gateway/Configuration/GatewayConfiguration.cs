using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Primitives;

namespace LlmOps.Gateway.Configuration;

/// <summary>
/// Holds the configuration in force. A change is built and validated as a whole, then swapped in at once; one with
/// faults is refused, logged and shown in /health, and the old one goes on.
/// </summary>
internal sealed partial class GatewayConfiguration : IHealthCheck, IDisposable
{
    private readonly IConfiguration _configuration;
    private readonly ProviderFactory _factory;
    private readonly TargetStates _states;
    private readonly TimeProvider _time;
    private readonly ILogger<GatewayConfiguration> _logger;
    private readonly IDisposable _subscription;
    private readonly Lock _reload = new();
    private volatile State _state;

    public GatewayConfiguration(IConfiguration configuration, ProviderFactory factory, TargetStates states, TimeProvider time, ILogger<GatewayConfiguration> logger)
    {
        _configuration = configuration;
        _factory = factory;
        _states = states;
        _time = time;
        _logger = logger;
        _state = new State(GatewaySnapshot.Build(configuration, factory, states), time.GetUtcNow(), ConfigurationFiles.Existing(configuration), []);
        ConfigurationFiles.TolerateBrokenFiles(configuration);
        _subscription = ChangeToken.OnChange(configuration.GetReloadToken, Reload);
    }

    /// <summary>Another configuration has come into force. Nobody may take long over it: reloading waits.</summary>
    public event Action? Changed;

    /// <summary>The configuration in force.</summary>
    public GatewaySnapshot Current => _state.Snapshot;

    /// <summary>When it came into force.</summary>
    public DateTimeOffset LoadedAt => _state.LoadedAt;

    /// <summary>What was wrong with the latest change; empty when it was taken.</summary>
    public IReadOnlyList<string> Faults => _state.Faults;

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Faults.Count == 0
            ? HealthCheckResult.Healthy($"version {Current.Version}")
            : HealthCheckResult.Degraded($"the latest change was refused, {Faults.Count} faults: GET /admin/configuration and the log have them"));

    /// <inheritdoc/>
    public void Dispose() => _subscription.Dispose();

    private void Reload()
    {
        lock (_reload)
        {
            try
            {
                var files = ConfigurationFiles.Existing(_configuration);
                if (_state.Files.Except(files).FirstOrDefault() is { } missing)
                {
                    throw new ConfigurationException([$"{missing} is gone; its settings stay in force until it is back or the gateway starts anew."]);
                }

                var snapshot = GatewaySnapshot.Build(_configuration, _factory, _states);
                if (snapshot.Version != Current.Version || Faults.Count > 0)
                {
                    LogReloaded(snapshot.Version, Current.Version);
                }

                if (NeedsRestart(Current.Options, snapshot.Options) || (Current.Qdrant?.Differs(snapshot.Qdrant) ?? snapshot.Qdrant is not null))
                {
                    LogNeedsRestart();
                }

                _state = new State(snapshot, _time.GetUtcNow(), files, []);
                Changed?.Invoke();
            }
            catch (Exception exception)
            {
                // Whatever is wrong with a change, the old configuration goes on and the fault is seen.
                Refuse(exception as ConfigurationException ?? new ConfigurationException([exception.Message]));
            }
        }
    }

    private void Refuse(ConfigurationException exception)
    {
        // One change of a file can be signalled several times; each fault is told once.
        if (!exception.Faults.SequenceEqual(Faults))
        {
            LogRefused(Current.Version, exception.Message);
        }

        _state = _state with { Faults = exception.Faults };
    }

    // What is documented as read at start only.
    private static bool NeedsRestart(GatewayOptions before, GatewayOptions after) =>
        (before.Endpoints.Host, before.Endpoints.Port, before.Endpoints.DrainDelay, before.Endpoints.DrainTimeout, before.Access.AdministratorKey?.Reveal(), before.Data.Folder)
        != (after.Endpoints.Host, after.Endpoints.Port, after.Endpoints.DrainDelay, after.Endpoints.DrainTimeout, after.Access.AdministratorKey?.Reveal(), after.Data.Folder)
        || (before.Access.AdministratorUsername, before.Access.AdministratorPassword?.Reveal()) != (after.Access.AdministratorUsername, after.Access.AdministratorPassword?.Reveal())
        || !before.Access.TrustedProxies.SequenceEqual(after.Access.TrustedProxies)
        || before.Redis.Differs(after.Redis)
        || before.Storage.Differs(after.Storage)
        || before.Caching.Semantic.NeedsRestart(after.Caching.Semantic);

    [LoggerMessage(LogLevel.Warning, "Of the changes, those of Host, Port, DrainDelay, DrainTimeout, the administrator, TrustedProxies, the data folder, the database, Redis, Qdrant, or the semantic cache's bounds take a restart.")]
    private partial void LogNeedsRestart();

    [LoggerMessage(LogLevel.Information, "Configuration {Version} is in force (before: {Before}).")]
    private partial void LogReloaded(string version, string before);

    [LoggerMessage(LogLevel.Error, "A changed configuration was refused; {Version} stays in force. {Faults}")]
    private partial void LogRefused(string version, string faults);

    private sealed record State(GatewaySnapshot Snapshot, DateTimeOffset LoadedAt, IReadOnlyList<string> Files, IReadOnlyList<string> Faults);
}
