using LlmOps.Gateway.Access;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Functions;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Functions;

/// <summary>The gateway's tools, as a stage of its pipeline sees them.</summary>
internal static class ToolsApplication
{
    /// <summary>Adds an MCP server to the configuration, whose tools are offered to all.</summary>
    public static GatewayApplication WithServer(this GatewayApplication gateway, string name, TestMcpServer server) =>
        gateway.With($"Gateway:Functions:Servers:{name}:Url", server.Url).With("Gateway:Functions:Offer:0", "*");

    /// <summary>Adds tools that are offered to all, in place of the gateway's own.</summary>
    public static GatewayApplication WithTools(this GatewayApplication gateway, FakeTools tools) =>
        gateway.With("Gateway:Functions:Offer:0", "*").With("Gateway:Functions:BuiltIn:CurrentTime", "false").With("Gateway:Functions:BuiltIn:Calculator", "false")
            .WithServices(services => services.AddSingleton<IToolSource>(tools));

    /// <summary>A request as an endpoint has it when tools are chosen.</summary>
    public static GatewayRequest Request(
        this GatewayApplication gateway, string endpoint = "/v1/chat/completions", string model = "offline", IReadOnlyList<string>? keyTools = null, PromptIdentity? prompt = null, GatewayChatOptions? options = null,
        CancellationTokenSource? stopping = null)
    {
        _ = gateway.Http;
        var request = new GatewayRequest
        {
            RequestId = "r1",
            Endpoint = endpoint,
            Family = endpoint,
            Principal = Principal.Local with { Tools = keyTools },
            Configuration = gateway.Services.GetRequiredService<GatewayConfiguration>().Current,
            StartedAt = gateway.Services.GetRequiredService<TimeProvider>().GetTimestamp(),
            Timeout = TimeSpan.FromMinutes(5),
            CallerGone = default,
            Stopping = stopping?.Token ?? default,
            Options = options,
        };
        if (prompt is not null)
        {
            request.MakeFrom(prompt);
        }

        request.AskFor(model);
        return request;
    }

    /// <summary>What a request is offered; also the request's own from now on.</summary>
    public static async Task<OfferedTools?> OfferAsync(this GatewayApplication gateway, GatewayRequest? request = null)
    {
        request ??= gateway.Request();
        return request.Tools = await gateway.Services.GetRequiredService<GatewayTools>().OfferAsync(request);
    }

    /// <summary>The names of the tools that a request is offered.</summary>
    public static async Task<IReadOnlyList<string>> NamesAsync(this GatewayApplication gateway, GatewayRequest? request = null) =>
        [.. (await gateway.OfferAsync(request))?.Tools.Select(tool => tool.Name) ?? []];

    /// <summary>Calls a tool that is offered.</summary>
    public static async Task<ToolResult> CallAsync(this GatewayApplication gateway, string tool, string arguments, GatewayRequest? request = null, CancellationToken cancellationToken = default)
    {
        request ??= gateway.Request();
        var offered = request.Tools ?? await gateway.OfferAsync(request);
        return await gateway.Services.GetRequiredService<GatewayTools>().RunAsync(offered!.Find(tool).ShouldNotBeNull(), arguments, request, cancellationToken);
    }
}
