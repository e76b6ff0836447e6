namespace LlmOps.Gateway.Configuration;

/// <summary>Registers the configuration in force.</summary>
internal static class ConfigurationRegistration
{
    public static IServiceCollection AddGatewayConfiguration(this IServiceCollection services)
    {
        services.AddSingleton<GatewayConfiguration>();
        services.AddHealthChecks().AddCheck<GatewayConfiguration>("configuration");
        return services;
    }
}
