using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Telemetry;

/// <summary>One structured line per request, whether it was answered, failed, or never reached the pipeline.</summary>
internal sealed partial class RequestLog(TimeProvider time, ILogger<RequestLog> logger)
{
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
        var duration = Math.Round(time.GetElapsedTime(request.StartedAt).TotalMilliseconds, 1);
        double? firstChunk = request.TimeToFirstChunk is { } first ? Math.Round(first.TotalMilliseconds, 1) : null;
        var reason = Reason(failure);
        LogRequest(
            level,
            request.Error?.Code ?? "ok",
            request.Endpoint,
            request.Model,
            request.Target?.Provider,
            request.Target?.Model,
            request.ResponseModel,
            request.Streaming,
            request.Temperature,
            request.MaxTokens,
            request.Usage?.InputTokenCount,
            request.Usage?.OutputTokenCount,
            request.Cost?.Dollars,
            request.FinishReason?.Value,
            request.Attempts,
            duration,
            firstChunk,
            request.RequestId,
            request.ProviderRequestId,
            request.Principal.Tenant,
            request.Principal.Subject,
            reason);
    }

    private static string? Reason(Exception? failure) => failure switch
    {
        null => null,

        // What a provider says, or a caller sent, may quote the prompt, and prompts are not logged.
        ProviderException { UpstreamStatus: { } status } refused => $"The provider's status {status}, type {refused.UpstreamType}, code {refused.UpstreamCode}, param {refused.Field}.",
        GatewayException { Error.Status: 400, Field: { } field } => $"The field {field}.",

        // The innermost message has the network's detail, which callers do not see.
        { InnerException: not null and not OperationCanceledException } => $"{failure.Message} ({failure.GetBaseException().Message})",
        _ => failure.Message,
    };

    [LoggerMessage("{Outcome} {Endpoint} model={Model} target={Provider}/{ProviderModel} response_model={ResponseModel} stream={Stream} temperature={Temperature} max_tokens={MaxTokens} "
        + "in={InputTokens} out={OutputTokens} cost_usd={CostUsd} finish={FinishReason} attempts={Attempts} ms={DurationMs} first_chunk_ms={FirstChunkMs} "
        + "request={RequestId} provider_request={ProviderRequestId} principal={Tenant}/{Subject} {Reason}")]
    private partial void LogRequest(
        LogLevel level, string outcome, string endpoint, string? model, string? provider, string? providerModel, string? responseModel, bool stream,
        float? temperature, int? maxTokens, long? inputTokens, long? outputTokens, decimal? costUsd, string? finishReason, int attempts,
        double durationMs, double? firstChunkMs, string requestId, string? providerRequestId, string tenant, string subject, string? reason);
}
