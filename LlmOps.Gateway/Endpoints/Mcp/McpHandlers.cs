using LlmOps.Gateway.Access;
using LlmOps.Gateway.Errors;
using Microsoft.AspNetCore.Http.Features;
using ModelContextProtocol;
using ModelContextProtocol.Server;

namespace LlmOps.Gateway.Endpoints.Mcp;

/// <summary>What the gateway answers as an MCP server, for who asks.</summary>
internal sealed partial class McpHandlers(McpTools tools, McpPrompts prompts, RefusalStatistics refusals, ILogger<McpHandlers> logger)
{
    /// <summary>Has the requests of one connection answered.</summary>
    /// <param name="http">The connection.</param>
    /// <param name="handlers">The package's, where they are set.</param>
    public void Answer(HttpContext http, McpServerHandlers handlers)
    {
        var principal = http.Features.GetRequiredFeature<Principal>();
        handlers.ListToolsHandler = (_, _) => ValueTask.FromResult(tools.List());
        handlers.CallToolHandler = (asked, cancellationToken) => ToldAsync(tools.CallAsync(http, asked.Params, cancellationToken), http);
        handlers.ListPromptsHandler = (_, _) => ToldAsync(prompts.ListAsync(principal), http);
        handlers.GetPromptHandler = (asked, _) => ToldAsync(prompts.GetAsync(principal, asked.Params), http);
    }

    // What fails is told as JSON-RPC does it, with the code and message that the gateway's other endpoints have for it.
    private async ValueTask<T> ToldAsync<T>(Task<T> answer, HttpContext http)
    {
        try
        {
            return await answer;
        }
        catch (Exception exception) when (exception is not McpException and not OperationCanceledException)
        {
            var told = ErrorResponse.Classify(exception);
            refusals.Count(told);
            if (told.Error == ErrorCode.InternalError)
            {
                LogUnexpected(exception, RequestId.Of(http));
            }

            throw new McpProtocolException(
                $"{told.Error.Code.ToUpperInvariant()}: {told.Message}", exception, told.Error.Status < StatusCodes.Status500InternalServerError ? McpErrorCode.InvalidParams : McpErrorCode.InternalError);
        }
    }

    [LoggerMessage(LogLevel.Error, "Unexpected failure of the MCP server in request {RequestId}.")]
    private partial void LogUnexpected(Exception exception, string requestId);
}
