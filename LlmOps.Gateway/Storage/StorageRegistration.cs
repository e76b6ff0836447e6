using LlmOps.Gateway.Configuration;
using LlmOps.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Storage;

/// <summary>Registers where records are: PostgreSQL where there is one, else SQLite in the data folder.</summary>
internal static class StorageRegistration
{
    public static IServiceCollection AddGatewayStorage(this IServiceCollection services)
    {
        services.AddSingleton<DataFolder>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<SqliteStart>(provider, OptionsOf(provider)));
        services.AddSingleton<IDatabase>(provider => PostgresConnectionString.Read(OptionsOf(provider), faults: []) is { } server
            ? ActivatorUtilities.CreateInstance<PostgresDatabase>(provider, server, OptionsOf(provider))
            : provider.GetRequiredService<SqliteStart>().Open());
        services.AddSingleton<IConfigureOptions<HealthCheckServiceOptions>, DatabaseHealth>().AddSingleton<IDependencyProbe, DatabaseHealth>();
        services.AddHostedService<Start>();
        return services;
    }

    private static StorageOptions OptionsOf(IServiceProvider provider) => provider.GetRequiredService<GatewayConfiguration>().Current.Options.Storage;

    // The folder is this process's own, or its start ends here; connecting to PostgreSQL goes on in the background.
#pragma warning disable CS9113 // The parameters are the purpose: they make both.
    private sealed class Start(DataFolder folder, IDatabase database) : IHostedService
#pragma warning restore CS9113
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
