namespace LlmOps.Gateway.Access;

/// <summary>Registers who may ask.</summary>
internal static class AccessRegistration
{
    public static IServiceCollection AddGatewayAccess(this IServiceCollection services) =>
        services.AddSingleton<AdministratorKey>().AddSingleton<ListeningAddresses>();
}
