using LlmOps.Gateway.Functions.BuiltIn;
using LlmOps.Gateway.Functions.Kept;
using LlmOps.Gateway.Functions.Mcp;
using LlmOps.ServiceDefaults;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace LlmOps.Gateway.Functions;

/// <summary>Registers this folder.</summary>
internal static class FunctionRegistration
{
    /// <summary>Adds the gateway's tools.</summary>
    public static IServiceCollection AddGatewayFunctions(this IServiceCollection services) => services
        .AddSingleton<GatewayTools>()
        .AddSingleton<ToolRunner>()
        .AddSingleton<ToolServices>()
        .AddSingleton<KeptMemory>()
        .AddSingleton<KeptAnswers>()
        .AddSingleton<CallStates>()
        .AddSingleton<ApprovedCalls>()
        .AddSingleton<KeptRequests>()
        .AddSingleton<ToolSources>()
        .AddSingleton<ToolCalls>()
        .AddSingleton<ToolGuard>()
        .AddSingleton<ToolStatistics>()
        .AddSingleton<HttpGet>()
        .AddSingleton<IConfigureOptions<HealthCheckServiceOptions>, McpHealth>()
        .AddSingleton<IDependencyProbe, McpHealth>();
}
