using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Embeddings;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Redis;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Langfuse;
using LlmOps.ServiceDefaults;

return args is [PushPrompts.Verb, .. var settings] ? await PushPrompts.RunAsync(settings) : await StartupFailures.RunAsync(async () =>
{
    var builder = WebApplication.CreateBuilder([ConfigurationFiles.WithoutWatching, .. args]);
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
    await app.RunAsync();
});
