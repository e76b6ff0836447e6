namespace LlmOps.Gateway.Routing;

/// <summary>Registers what routing remembers from request to request.</summary>
internal static class RoutingRegistration
{
    public static IServiceCollection AddGatewayRouting(this IServiceCollection services) =>
        services.AddSingleton<TargetStates>().AddSingleton<RetryBudget>();
}
