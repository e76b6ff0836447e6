using System.Text;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Telemetry.Delivery;

namespace LlmOps.Gateway.Endpoints;

/// <summary>What a person wants to know once the gateway runs: where it is, what it can do, and why it cannot do the rest.</summary>
internal sealed partial class StartupBlock(
    GatewayConfiguration configuration, FirstAdministrator administrator, ListeningAddresses addresses, PromptRegistry prompts, Sinks sinks, IHostApplicationLifetime lifetime,
    IConfiguration settings, ILogger<StartupBlock> logger) : IHostedService
{
    // What a person makes up is shorter mostly, and is guessed.
    private const int ShortestGoodKey = 20;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The addresses are known only when the server has started, which is after all hosted services.
        lifetime.ApplicationStarted.Register(Tell);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Tell()
    {
        Console.Out.Write(Text());
        if (configuration.Current.Options.Access.Mode == AccessMode.Open && !addresses.AreLoopback)
        {
            LogOpenToEveryone();
        }

        if (configuration.Current.Options.Access.AdministratorKey?.Reveal().Length < ShortestGoodKey)
        {
            LogShortAdministratorKey(ShortestGoodKey);
        }

        foreach (var (name, instead) in EnvironmentNames.Unused.Where(unused => !string.IsNullOrWhiteSpace(settings[unused.Key])))
        {
            LogUnusedVariable(name, instead);
        }
    }

    private string Text()
    {
        var snapshot = configuration.Current;
        var options = snapshot.Options;
        var text = new StringBuilder();
        text.AppendLine();
        text.AppendLine($"  {options.Endpoints.ServiceName} {ProgramVersion.Shown(options.Endpoints)}, configuration {snapshot.Version}");
        foreach (var address in addresses.All)
        {
            text.AppendLine($"  Listening   {address}   docs: {Reachable(address)}/docs");
        }

        text.AppendLine($"  Access      {Access(options.Access.Mode)}");
        text.AppendLine($"  Admin key   {administrator.TakeNotice()}");
        text.AppendLine($"  Data        {options.Data.Folder}{(options.Storage.ConnectionString is null ? "" : ", records in PostgreSQL")}");
        text.AppendLine($"  Prompts     {prompts.Folder}{(Directory.Exists(prompts.Folder) ? "" : ", which is not there")}");
        text.AppendLine($"  Telemetry   {string.Join(", ", sinks.All.Select(delivery => delivery.Name).DefaultIfEmpty("to nobody"))}");
        text.AppendLine($"  Models      default: {snapshot.Models.DefaultModel}");
        foreach (var provider in snapshot.Providers)
        {
            var models = snapshot.Models.Live.Where(model => model.Route.Target.Provider == provider.Name).Select(model => model.Route.Name);
            text.AppendLine(provider.IsConfigured
                ? $"    + {provider.Name,-11} {string.Join(", ", models.DefaultIfEmpty($"{provider.Name}/MODEL"))}"
                : $"    - {provider.Name,-11} not configured: {provider.Missing}");
        }

        text.AppendLine();
        return text.ToString();
    }

    // Nobody can open a wildcard in a browser.
    private static string Reachable(string address) =>
        address.Replace("//0.0.0.0:", "//localhost:", StringComparison.Ordinal).Replace("//[::]:", "//localhost:", StringComparison.Ordinal);

    private string Access(AccessMode? mode) => (mode, addresses.AreLoopback) switch
    {
        (AccessMode.Open, false) => "open to everyone who reaches the address, by configuration",
        (AccessMode.Open, true) or (null, true) => "open, to this machine only",
        _ => "a credential is required",
    };

    [LoggerMessage(LogLevel.Warning, "Whoever reaches this gateway's address can use it, without a credential (LLM_ENABLE_AUTH is false).")]
    private partial void LogOpenToEveryone();

    [LoggerMessage(LogLevel.Warning, "{Variable} is set, and has no effect: {Instead}.")]
    private partial void LogUnusedVariable(string variable, string instead);

    [LoggerMessage(LogLevel.Warning, "The administrator's key (LLMOPS_ADMIN_KEY) is shorter than {Characters} characters, and may be guessed; a good one is that of: openssl rand -base64 32")]
    private partial void LogShortAdministratorKey(int characters);
}
