using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Embeddings;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Functions;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Redis;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry;
using LlmOps.ServiceDefaults;

namespace LlmOps.Gateway;

/// <summary>The gateway's parts, in one list.</summary>
internal static class GatewayHost
{
    /// <summary>Puts the gateway together; it does not run yet.</summary>
    /// <param name="settings">Settings as on the command line, which win over all others.</param>
    /// <param name="change">Changes what it is made of; null for nothing.</param>
    /// <exception cref="ConfigurationException">The settings are not valid.</exception>
    public static WebApplication Build(string[] settings, Action<WebApplicationBuilder>? change = null)
    {
        var builder = WebApplication.CreateBuilder([ConfigurationFiles.WithoutWatching, .. settings]);
        builder.Configuration.AddGatewaySources(builder.Environment.ContentRootPath);
        builder.AddGatewayServer();
        builder.AddServiceDefaults();

        // In the order of a request's journey.
        builder.Services.AddGatewayEndpoints();
        builder.Services.AddGatewayAccess();
        builder.Services.AddGatewayPrompts();
        builder.Services.AddGatewayPipeline();
        builder.Services.AddGatewayGuardrails();
        builder.Services.AddGatewayCaching();
        builder.Services.AddGatewayFunctions();
        builder.Services.AddGatewayRouting();
        builder.Services.AddGatewayProviders();

        // Beside the way.
        builder.Services.AddGatewayAccounting();
        builder.Services.AddGatewayTelemetry();
        builder.AddGatewayTraceExport();
        builder.Services.AddGatewayEmbeddings();
        builder.Services.AddGatewayRedis();
        builder.Services.AddGatewayStorage();
        builder.Services.AddGatewayConfiguration();

        change?.Invoke(builder);
        var app = builder.BuildQuietly();
        app.UseRequestDrain();
        TrustedProxies.Use(app);
        app.UseMiddleware<RequestId>();
        CorsOrigins.Use(app);
        app.UseMiddleware<ErrorMiddleware>();
        app.UseMiddleware<AccessMiddleware>();
        app.MapDefaultEndpoints();
        app.MapApiDocument();
        app.MapGatewayEndpoints();
        return app;
    }
}
