namespace LlmOps.Gateway.Providers;

/// <summary>Registers what providers are made of; the configuration makes them.</summary>
internal static class ProviderRegistration
{
    public static IServiceCollection AddGatewayProviders(this IServiceCollection services) =>
        services
            .AddSingleton(services => new ProviderTransport(services.GetRequiredService<TimeProvider>()))
            .AddSingleton<ProviderFactory>();
}
