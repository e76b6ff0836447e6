using LlmOps.Gateway.Endpoints;

namespace LlmOps.Gateway.Errors;

/// <summary>Around everything: what is thrown inside becomes a response, and so does a bare status of routing.</summary>
internal sealed class ErrorMiddleware(RequestDelegate next, FailureHandler failures, TimeProvider time)
{
    public Task InvokeAsync(HttpContext http)
    {
        Task answered;
        try
        {
            answered = next(http);
        }
        catch (Exception exception)
        {
            return failures.HandleAsync(http, exception);
        }

        // An endpoint that asks a model awaits its end anyway and handles its failures: to await it here too would cost every call.
        return http.GetEndpoint()?.Metadata.GetMetadata<ModelCallEndpoint>() is null ? EndAsync(http, answered) : answered;
    }

    private async Task EndAsync(HttpContext http, Task answered)
    {
        try
        {
            await answered;
            if (WithoutBody(http) is { } exception)
            {
                await ErrorResponse.WriteAsync(http, exception, time);
            }
        }
        catch (Exception exception)
        {
            await failures.HandleAsync(http, exception);
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
}
