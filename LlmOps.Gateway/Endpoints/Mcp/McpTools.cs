using System.Text.Json.Nodes;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Endpoints.Prompts;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Functions.Mcp;
using Microsoft.AspNetCore.Http.Features;
using ModelContextProtocol.Protocol;

namespace LlmOps.Gateway.Endpoints.Mcp;

/// <summary>
/// The tools of the gateway as an MCP server. A call of one is a request to the gateway like any other: it is made into one, and goes
/// the way of all that ask a model, with the caller's credential, limits, budgets, guardrails and records.
/// </summary>
internal sealed class McpTools
{
    private readonly ModelCallEndpoint _endpoint;
    private readonly (Tool Tool, IModelCall Call)[] _all;

    /// <param name="services">The gateway's.</param>
    public McpTools(IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        _endpoint = services.GetRequiredService<ModelCallEndpoint>();
        _all =
        [
            (McpChatTool.Tool, ChatCall.Of(services, new McpChatTool(time))),
            (McpPromptTool.Tool, ChatCall.Of(services, new McpPromptTool(services.GetRequiredService<PromptCall>(), time))),
        ];
    }

    /// <summary>All of them.</summary>
    public ListToolsResult List() => new() { Tools = [.. _all.Select(tool => tool.Tool)], CacheScope = CacheScope.Private, TimeToLive = TimeSpan.Zero };

    /// <summary>Carries out a call. What fails is its result: what went wrong is for the model that made it.</summary>
    /// <param name="http">The connection that it came by.</param>
    /// <param name="asked">The call.</param>
    /// <param name="cancellationToken">Cancelled when the client has cancelled it or left.</param>
    /// <exception cref="GatewayException">There is no such tool, or the call has come through too many gateways.</exception>
    public async Task<CallToolResult> CallAsync(HttpContext http, CallToolRequestParams? asked, CancellationToken cancellationToken)
    {
        var call = _all.FirstOrDefault(tool => tool.Tool.Name == asked?.Name).Call
            ?? throw new GatewayException(ErrorCode.NotFound, $"There is no tool '{Shown.Short(asked?.Name ?? "")}'; expected {string.Join(" or ", _all.Select(tool => tool.Tool.Name))}.", "name");
        GatewayHops.Arrived(http.Request.Headers);
        using var answer = new MemoryStream();
        var request = RequestOf(http, McpArguments.ToJson(asked!.Arguments), answer, cancellationToken);
        await _endpoint.RunAsync(request, McpEndpoint.Route, call);
        cancellationToken.ThrowIfCancellationRequested();
        await request.Response.CompleteAsync();
        return ResultOf(JsonNode.Parse(answer.ToArray())!.AsObject(), isError: request.Response.StatusCode != StatusCodes.Status200OK);
    }

    // Of the connection: who asks, from where, and what its headers say of caching, time and labels.
    private static DefaultHttpContext RequestOf(HttpContext http, byte[] body, MemoryStream answer, CancellationToken cancellationToken)
    {
        var request = new DefaultHttpContext { RequestServices = http.RequestServices, RequestAborted = cancellationToken, TraceIdentifier = http.TraceIdentifier };
        request.Features.Set(http.Features.GetRequiredFeature<Principal>());
        request.Features.Set(http.Features.GetRequiredFeature<IHttpConnectionFeature>());
        request.Request.Method = HttpMethods.Post;
        request.Request.Path = McpEndpoint.Route;
        foreach (var (name, values) in http.Request.Headers)
        {
            request.Request.Headers[name] = values;
        }

        (request.Request.ContentType, request.Request.ContentLength) = ("application/json", body.Length);
        request.Request.Body = new MemoryStream(body, writable: false);
        request.Response.Body = answer;
        return request;
    }

    // The text is all that a model is to read; what else the gateway's other endpoints answer is for programs.
    private static CallToolResult ResultOf(JsonObject body, bool isError)
    {
        List<ContentBlock> content = [];
        if (isError)
        {
            content.Add(Text($"{body["error"]!["error_code"]}: {body["error"]!["message"]}"));
        }
        else
        {
            content.Add(Text((string)body["response"]!));
            body.Remove("response");

            // A prompt may have tools of its own, which whoever uses it carries out.
            if (body["tool_calls"] is { } calls)
            {
                content.Add(Text(calls.ToJsonString()));
            }
        }

        return new CallToolResult { Content = content, IsError = isError, Meta = new JsonObject { ["llmops"] = body } };
    }

    private static TextContentBlock Text(string text) => new() { Text = text };
}
