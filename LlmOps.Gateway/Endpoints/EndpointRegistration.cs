using LlmOps.Gateway.Endpoints.Administration;
using LlmOps.Gateway.Endpoints.Mcp;
using LlmOps.Gateway.Endpoints.Prompts;
using LlmOps.Gateway.Errors;
using Microsoft.AspNetCore.Cors.Infrastructure;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Registers what requests arrive through, and maps the endpoints.</summary>
internal static class EndpointRegistration
{
    public static IServiceCollection AddGatewayEndpoints(this IServiceCollection services)
    {
        services.AddCors().AddSingleton<ICorsPolicyProvider, CorsOrigins>();
        services.AddHostedService<StartupBlock>();
        services.AddGatewayJson();
        services.AddSingleton<RefusalStatistics>().AddSingleton<FailureHandler>().AddSingleton<ModelCallEndpoint>().AddSingleton<PromptRenderer>().AddSingleton<PromptCall>().AddSingleton<PromptCompletion>();
        return services.AddApiDocument();
    }

    public static void MapGatewayEndpoints(this IEndpointRouteBuilder routes)
    {
        ChatCompletionsEndpoint.Map(routes);
        EmbeddingsEndpoint.Map(routes);
        routes.MapModels();
        ChatEndpoint.Map(routes);
        GenerateEndpoint.Map(routes);
        InvokeEndpoint.Map(routes);
        SummarizeEndpoint.Map(routes);
        PromptRunEndpoint.Map(routes);
        routes.MapPrompts();
        routes.MapMcp();
        routes.MapFeedback();
        routes.MapInfo();
        routes.MapCache();
        routes.MapAuth();
        routes.MapAdminConfiguration();
        routes.MapAdminModels();
        routes.MapAdminTools();
        routes.MapAdminKeys();
        routes.MapAdminTenants();
        routes.MapAdminTeams();
        routes.MapAdminUsers();
        routes.MapAdminPrompts();
        routes.MapAdminExperiments();
        routes.MapAdminEvaluations();
        routes.MapUsage();
        routes.MapAdminTraces();
        routes.MapStats();
        routes.MapMetrics();
        routes.MapSecurityMetrics();
    }
}
