using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Telemetry;

/// <summary>One structured line per request, whether it was answered, failed, or never reached the pipeline.</summary>
internal sealed class RequestLog(TimeProvider time, ILogger<RequestLog> logger)
{
    private static readonly EventId Event = new(1, "Request");

    /// <summary>How an exception counts.</summary>
    public static ErrorCode OutcomeOf(Exception exception, GatewayRequest request) => exception switch
    {
        _ when request.CallerGone.IsCancellationRequested => ErrorCode.ClientClosedRequest,
        BrokenStreamException broken => broken.Cause.Error,
        _ => ErrorResponse.Classify(exception).Error,
    };

    /// <summary>Writes the line.</summary>
    public void Completed(GatewayRequest request, Exception? failure)
    {
        var level = request.Error?.Status switch
        {
            null => LogLevel.Information,
            >= 500 => LogLevel.Warning,
            _ => LogLevel.Information,
        };
        if (!logger.IsEnabled(level))
        {
            return;
        }

        logger.Log(level, Event, new RequestLine(request, time.GetElapsedTime(request.StartedAt), Reason(failure)), null, RequestLine.Text);
    }

    /// <summary>Why a request failed, in words without anything of the prompt; null for an answer.</summary>
    public static string? Reason(Exception? failure) => failure switch
    {
        null => null,

        // What a provider says, or a caller sent, may quote the prompt, and prompts are not logged.
        ProviderException { UpstreamStatus: { } status } refused => $"The provider's status {status}, type {refused.UpstreamType}, code {refused.UpstreamCode}, param {refused.Field}.",
        GatewayException { Error.Status: 400, Field: { } field } => $"The field {field}.",

        // The innermost message has the network's detail, which callers do not see.
        { InnerException: not null and not OperationCanceledException } => $"{failure.Message} ({failure.GetBaseException().Message})",
        _ => failure.Message,
    };
}
