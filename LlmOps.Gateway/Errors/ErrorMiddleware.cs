using LlmOps.Gateway.Endpoints;

namespace LlmOps.Gateway.Errors;

/// <summary>The one place where a failure becomes a response. Inside it, code just throws.</summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, TimeProvider time, ILogger<ErrorMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
            if (WithoutBody(http) is { } exception)
            {
                await ErrorResponse.WriteAsync(http, exception, time);
            }
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer; the status is for the access log alone.
            if (!http.Response.HasStarted)
            {
                http.Response.StatusCode = ErrorCode.ClientClosedRequest.Status;
            }
        }
        catch (BrokenStreamException exception)
        {
            // The error is told; the server must not end the body as if it were complete.
            LogIfUnexpected(exception.Cause, http);
            throw;
        }
        catch (Exception exception)
        {
            var told = ErrorResponse.Classify(exception);
            LogIfUnexpected(told, http);
            if (http.Response.HasStarted)
            {
                // The status is out: a broken connection is the only error still to be seen.
                http.Abort();
                return;
            }

            await ErrorResponse.WriteAsync(http, told, time);
        }
    }

    private void LogIfUnexpected(GatewayException told, HttpContext http)
    {
        if (told.Error == ErrorCode.InternalError)
        {
            LogUnexpected(told.InnerException ?? told, RequestId.Of(http));
        }
    }

    // Routing answers an unknown path or a wrong method with a bare status.
    private static GatewayException? WithoutBody(HttpContext http) => http.Response switch
    {
        { HasStarted: true } or { StatusCode: < 400 } => null,
        { ContentLength: > 0 } => null,
        { StatusCode: StatusCodes.Status404NotFound } =>
            new GatewayException(ErrorCode.NotFound, $"There is no {http.Request.Path.Value}; /docs lists what there is."),
        { StatusCode: StatusCodes.Status405MethodNotAllowed } =>
            new GatewayException(ErrorCode.MethodNotAllowed, $"{http.Request.Path.Value} does not take {http.Request.Method}; expected {http.Response.Headers.Allow}."),
        { StatusCode: StatusCodes.Status415UnsupportedMediaType } =>
            new GatewayException(ErrorCode.UnsupportedMediaType, "Send the body as Content-Type: application/json."),
        _ => null,
    };

    [LoggerMessage(LogLevel.Error, "Unexpected failure of the gateway in request {RequestId}.")]
    private partial void LogUnexpected(Exception exception, string requestId);
}
