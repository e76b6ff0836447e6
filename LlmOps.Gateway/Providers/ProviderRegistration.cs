using LlmOps.Gateway.Providers.Ollama;

namespace LlmOps.Gateway.Providers;

/// <summary>Registers what providers are made of; the configuration makes them.</summary>
internal static class ProviderRegistration
{
    public static IServiceCollection AddGatewayProviders(this IServiceCollection services) =>
        services
            .AddSingleton(services => new ProviderTransport(services.GetRequiredService<TimeProvider>()))
            .AddSingleton(services => new LocalOllama(new Uri("http://localhost:11434/"), services.GetRequiredService<TimeProvider>()))
            .AddSingleton<ProviderFactory>();
}
