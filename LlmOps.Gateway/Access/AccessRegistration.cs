using LlmOps.Gateway.Access.Idempotency;
using LlmOps.Gateway.Access.Keys;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Access.Organisation;
using LlmOps.Gateway.Access.Tokens;
using LlmOps.Gateway.Access.Users;
using LlmOps.Gateway.Outgoing;

namespace LlmOps.Gateway.Access;

/// <summary>Registers who may ask.</summary>
internal static class AccessRegistration
{
    public static IServiceCollection AddGatewayAccess(this IServiceCollection services)
    {
        services.AddSingleton<AdministratorKey>().AddSingleton<Credentials>().AddSingleton<FirstAdministrator>().AddSingleton<ListeningAddresses>().AddGatewayLimits().AddGatewayIdempotency();
        services.AddSingleton<AuditLog>().AddSingleton<Tenancy>().AddSingleton<UserAccounts>().AddSingleton<VirtualKeys>();
        services.AddSingleton<AccessTokens>().AddSingleton<ExternalIssuers>().AddSingleton<IssuerHttp>().AddSingleton(new CheckedConnector());
        services.AddSingleton<Logins>().AddSingleton<Sessions>();
        services.AddSingleton<AccessDirectory>().AddHostedService(provider => provider.GetRequiredService<AccessDirectory>());
        services.AddHealthChecks().AddCheck<AccessDirectory>("access");
        return services;
    }
}
