using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Prompts;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;

namespace LlmOps.Gateway.Endpoints.Mcp;

/// <summary>Puts the MCP package's server together, apart from the gateway's own services.</summary>
internal static class McpProtocol
{
    private const string Instructions =
        "An LLM gateway. The tool chat asks a model; run_prompt asks one through a versioned prompt. prompts/list has the prompts that you may use.";

    /// <summary>What answers its requests.</summary>
    public static RequestDelegate Build(IServiceProvider gateway)
    {
        var handlers = new McpHandlers(
            new McpTools(gateway), new McpPrompts(gateway.GetRequiredService<PromptRegistry>()),
            gateway.GetRequiredService<RefusalStatistics>(), gateway.GetRequiredService<ILogger<McpHandlers>>());
        var services = new ServiceCollection();
        services.AddSingleton(gateway.GetRequiredService<IHostApplicationLifetime>());

        // It logs to nobody: at Trace its lines hold whole messages, and what became of a call the gateway's own lines tell.
        services.AddLogging();
        services.AddMcpServer(server =>
        {
            server.ServerInfo = new Implementation { Name = "llmops", Title = "LlmOps gateway", Version = ProgramVersion.Shown(gateway.GetRequiredService<GatewayConfiguration>().Current.Options.Endpoints) };
            server.ServerInstructions = Instructions;
        }).WithHttpTransport(transport =>
        {
            transport.SessionMode = HttpServerSessionMode.Stateless;
            transport.ConfigureSessionOptions = (http, server, _) =>
            {
                handlers.Answer(http, server.Handlers);
                return Task.CompletedTask;
            };
        });

        // Its handler is the package's own type, to be had only as the endpoint that it maps.
        var routes = new Routes(services.BuildServiceProvider());
        routes.MapMcp("");
        return routes.DataSources.SelectMany(source => source.Endpoints).Single().RequestDelegate!;
    }

    private sealed class Routes(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }
}
