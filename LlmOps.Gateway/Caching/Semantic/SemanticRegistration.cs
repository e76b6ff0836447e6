using LlmOps.Gateway.Caching.Semantic.Local;
using LlmOps.Gateway.Caching.Semantic.Qdrant;
using LlmOps.Gateway.Configuration;
using LlmOps.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Caching.Semantic;

/// <summary>Registers what finds answered questions: Qdrant where there is one, else this process.</summary>
internal static class SemanticRegistration
{
    public static IServiceCollection AddSemanticCache(this IServiceCollection services)
    {
        services.AddSingleton<SemanticCache>().AddSingleton<SemanticStatistics>().AddSingleton<JudgeVerifier>();
        services.AddSingleton(provider => MakeStore(provider));
        services.AddHostedService(provider => new Start(provider.GetRequiredService<ISemanticStore>()));
        services.AddSingleton<IConfigureOptions<HealthCheckServiceOptions>, QdrantHealth>().AddSingleton<IDependencyProbe, QdrantHealth>();
        return services;
    }

    private static ISemanticStore MakeStore(IServiceProvider provider)
    {
        var configuration = provider.GetRequiredService<GatewayConfiguration>().Current;
        var settings = configuration.Options.Caching.Semantic;
        return configuration.Qdrant is { } address
            ? ActivatorUtilities.CreateInstance<QdrantStore>(provider, settings.Qdrant, ActivatorUtilities.CreateInstance<QdrantClient>(provider, address))
            : ActivatorUtilities.CreateInstance<LocalSemanticStore>(
                provider, new LocalStoreOptions(configuration.Options.Data.Folder, settings.MaxEntries, settings.MaxBytes) { OpensAtStart = settings.Mode != SemanticMode.Off });
    }

    // A store may have work of its own in the background.
    private sealed class Start(ISemanticStore store) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => (store as IHostedService)?.StartAsync(cancellationToken) ?? Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => (store as IHostedService)?.StopAsync(cancellationToken) ?? Task.CompletedTask;
    }
}
