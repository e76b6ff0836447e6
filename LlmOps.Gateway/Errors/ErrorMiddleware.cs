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
        catch (Exception exception) when (http.Response.HasStarted)
        {
            // The status is out: an aborted connection is the only error still to be seen.
            LogAfterStart(exception);
            http.Abort();
        }
        catch (Exception exception)
        {
            await ErrorResponse.WriteAsync(http, Classify(exception), time);
        }
    }

    /// <summary>Every exception as one of the documented failures.</summary>
    private GatewayException Classify(Exception exception)
    {
        switch (exception)
        {
            case GatewayException known:
                return known;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return new GatewayException(ErrorCode.RequestTooLarge, "The body is larger than this gateway accepts (Gateway:Endpoints:MaxBodyBytes).");
            case BadHttpRequestException bad:
                return new GatewayException(ErrorCode.InvalidRequest, bad.Message);
            default:
                LogUnexpected(exception);
                return new GatewayException(ErrorCode.InternalError, "The gateway failed; its log has the reason under this request's id.");
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

    [LoggerMessage(LogLevel.Error, "Unexpected failure of the gateway.")]
    private partial void LogUnexpected(Exception exception);

    [LoggerMessage(LogLevel.Warning, "Failure after the response had started; the connection was aborted.")]
    private partial void LogAfterStart(Exception exception);
}
