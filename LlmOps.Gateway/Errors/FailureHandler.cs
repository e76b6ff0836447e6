using LlmOps.Gateway.Endpoints;

namespace LlmOps.Gateway.Errors;

/// <summary>The one place where an exception becomes a response.</summary>
internal sealed partial class FailureHandler(RefusalStatistics refusals, TimeProvider time, ILogger<FailureHandler> logger)
{
    /// <summary>Tells the caller, as far as one can still be told.</summary>
    /// <param name="http">The response to write.</param>
    /// <param name="exception">What failed.</param>
    /// <param name="requestId">What the caller calls its request; null for X-Request-ID.</param>
    /// <exception cref="BrokenStreamException">As it came, for the server: it must not end the body as if it were complete.</exception>
    public async Task HandleAsync(HttpContext http, Exception exception, string? requestId = null)
    {
        if (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer; the status is for the access log alone.
            if (!http.Response.HasStarted)
            {
                http.Response.StatusCode = ErrorCode.ClientClosedRequest.Status;
            }

            return;
        }

        if (exception is BrokenStreamException broken)
        {
            LogIfUnexpected(broken.Cause, http);
            throw broken;
        }

        var told = ErrorResponse.Classify(exception);
        refusals.Count(told);
        LogIfUnexpected(told, http);
        if (http.Response.HasStarted)
        {
            // The status is out: a broken connection is the only error still to be seen.
            http.Abort();
            return;
        }

        await ErrorResponse.WriteAsync(http, told, time, requestId);
    }

    private void LogIfUnexpected(GatewayException told, HttpContext http)
    {
        if (told.Error == ErrorCode.InternalError)
        {
            LogUnexpected(told.InnerException ?? told, RequestId.Of(http));
        }
    }

    [LoggerMessage(LogLevel.Error, "Unexpected failure of the gateway in request {RequestId}.")]
    private partial void LogUnexpected(Exception exception, string requestId);
}
