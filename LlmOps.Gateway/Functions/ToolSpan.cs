using System.Diagnostics;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry;

namespace LlmOps.Gateway.Functions;

/// <summary>The span of a call to a tool, by OpenTelemetry's conventions for generative AI 1.41.1.</summary>
internal static class ToolSpan
{
    /// <summary>What says that the model was told of an error.</summary>
    public const string Error = "tool_error";

    /// <summary>Begins it, in the method that makes the call; null where nobody wants it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="call">The call.</param>
    /// <param name="tool">The tool; null where there is none of that name.</param>
    public static Activity? Begin(GatewayRequest request, ToolCall call, ServerTool? tool)
    {
        // A name that no tool has is the model's invention, and may be anything.
        var span = request.Spans?.Begin($"{TelemetryNames.ExecuteTool} {tool?.Name ?? "unknown"}");
        span?.SetTag(TelemetryNames.OperationName, TelemetryNames.ExecuteTool)
            .SetTag(TelemetryNames.ToolName, tool?.Name ?? "unknown")
            .SetTag(TelemetryNames.ToolCallId, call.Id)
            .SetTag(TelemetryNames.ToolType, "function")
            .SetTag(TelemetryNames.ToolDescription, tool?.Description)
            .SetTag(TelemetryNames.ToolCallArguments, request.Content?.Kept(call.Arguments));
        return span;
    }

    /// <summary>Ends it.</summary>
    /// <param name="span">The span.</param>
    /// <param name="request">The request.</param>
    /// <param name="result">What came of it; null where nobody waited for it any more.</param>
    public static void End(Activity? span, GatewayRequest request, ToolResult? result)
    {
        if (span is null)
        {
            return;
        }

        if (result is { IsError: false } told)
        {
            span.SetTag(TelemetryNames.ToolCallResult, request.Content?.Kept(told.Text));
        }
        else
        {
            span.SetTag(TelemetryNames.ErrorType, result is null ? AttemptTelemetry.Cancelled : Error).SetStatus(ActivityStatusCode.Error);
        }

        span.Dispose();
    }
}
