using LlmOps.Gateway.Access;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry;
using LlmOps.ServiceDefaults;
using Microsoft.AspNetCore.Http.Features;

namespace LlmOps.Gateway.Endpoints;

/// <summary>
/// Around every endpoint that asks a model: opens the request's facts when it arrives and writes its log line when it
/// is over, whether or not it ever reached the pipeline.
/// </summary>
internal sealed class ModelCallFilter(GatewayConfiguration configuration, RequestDrain drain, RequestLog log, TimeProvider time) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, drain.Expired);
        var request = new GatewayRequest
        {
            CallerGone = http.RequestAborted,
            Cancelled = cancelled.Token,
            RequestId = RequestId.Of(http),
            Endpoint = http.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route } ? route.TrimEnd('/') : http.Request.Path,
            Principal = http.Features.GetRequiredFeature<Principal>(),
            Configuration = configuration.Current,
            StartedAt = time.GetTimestamp(),
        };
        http.Features.Set(request);
        Exception? failure = null;
        try
        {
            return await next(context);
        }
        catch (Exception exception)
        {
            failure = exception;
            request.Error = RequestLog.OutcomeOf(exception, request);
            throw;
        }
        finally
        {
            log.Completed(request, (failure as BrokenStreamException)?.Cause ?? failure);
        }
    }
}
