using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Endpoints.Mcp;

/// <summary>POST /mcp: the gateway as an MCP server over streamable HTTP. It has no sessions, so any replica answers any request.</summary>
internal static class McpEndpoint
{
    /// <summary>Its route, under which its calls of models are recorded.</summary>
    public const string Route = "/mcp";

    /// <summary>Maps it. The protocol is put together by the first request: a start, and whoever does not use it, pays nothing for it.</summary>
    public static void MapMcp(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var configuration = services.GetRequiredService<GatewayConfiguration>();
        var protocol = new Lazy<RequestDelegate>(() => McpProtocol.Build(services));
        RequestDelegate run = async http =>
        {
            // The package reads bodies of any size. That they must be JSON keeps web pages out, as everywhere.
            var body = await RequestBody.ReadAsync(http, configuration.Current);
            http.Request.Body = new MemoryStream(body.ToArray(), writable: false);
            await protocol.Value(http);
        };

        // JSON-RPC says of itself what it can do: the OpenAPI document leaves it out.
        routes.MapPost(Route, run);
    }
}
