using LlmOps.Gateway.Access;
using LlmOps.Gateway.Caching.Coalescing;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry;

namespace LlmOps.Gateway.Functions;

/// <summary>Carries out calls to the gateway's tools, those of one answer at the same time. Whatever goes wrong is told to the model.</summary>
internal sealed partial class ToolRunner(GatewayTools gateway, AuditLog audit, TimeProvider time, ILogger<ToolRunner> logger)
{
    /// <summary>Carries out calls.</summary>
    /// <param name="calls">The calls.</param>
    /// <param name="tools">The tools that may be called, by name.</param>
    /// <param name="request">For whom.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    /// <returns>Their results, in their order.</returns>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    /// <exception cref="GatewayException">The request's time is over.</exception>
    public async Task<ToolResult[]> RunAsync(IReadOnlyList<ToolCall> calls, IReadOnlyDictionary<string, ServerTool> tools, GatewayRequest request, CancellationToken cancellationToken)
    {
        var results = new ToolResult[calls.Count];
        using var limit = new CallerLimit(request, time, cancellationToken);
        try
        {
            var bounds = new ParallelOptions { MaxDegreeOfParallelism = request.Configuration.Options.Functions.MaxParallelCalls, CancellationToken = limit.Token };
            await Parallel.ForAsync(0, calls.Count, bounds, async (index, token) => results[index] = await RunAsync(calls[index], tools, request, token));
            return results;
        }
        catch (OperationCanceledException exception)
        {
            throw limit.Told(exception);
        }
    }

    private async Task<ToolResult> RunAsync(ToolCall call, IReadOnlyDictionary<string, ServerTool> tools, GatewayRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (tool, startedAt) = (tools.GetValueOrDefault(call.Name), time.GetTimestamp());
        var span = ToolSpan.Begin(request, call, tool);
        ToolResult? result = null;
        try
        {
            result = tool is null ? Unknown(call, tools, request) : await gateway.RunAsync(tool, call.Arguments, request, cancellationToken);
        }
        catch (Exception exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            LogFailed(tool!.Name, exception.GetType().Name);
            result = new ToolResult("The tool failed.", IsError: true);
        }
        finally
        {
            ToolSpan.End(span, request, result);
            ToolMetrics.Called(tool?.Name ?? "unknown", result is null ? AttemptTelemetry.Cancelled : result.Value.IsError ? "error" : AttemptTelemetry.Ok, time.GetElapsedTime(startedAt));
        }

        if (tool is not null)
        {
            request.Tools!.Use(tool);
        }

        if (result.Value.IsError)
        {
            // What went wrong now need not go wrong the next time.
            request.Tools?.KeepToCaller();
        }

        return result.Value;
    }

    private ToolResult Unknown(ToolCall call, IReadOnlyDictionary<string, ServerTool> tools, GatewayRequest request)
    {
        // Under no name: it is the model's invention, and may be anything.
        audit.Called(request.Principal, "unknown", ToolErrors.Unknown, milliseconds: 0);
        var known = tools.Count > 0 ? $"; there are {string.Join(", ", tools.Keys)}" : "";
        return new ToolResult($"There is no tool '{Shown.Short(call.Name)}'{known}.", IsError: true);
    }

    [LoggerMessage(LogLevel.Warning, "Tool {Tool} failed: {Reason}")]
    private partial void LogFailed(string tool, string reason);
}
