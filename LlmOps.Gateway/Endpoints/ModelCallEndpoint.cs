using System.Reflection;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry;
using LlmOps.ServiceDefaults;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Answers one request with what the pipeline makes of it.</summary>
internal delegate Task ModelCallHandler(HttpContext http, GatewayRequest request, IChatClient pipeline);

/// <summary>
/// Around every endpoint that asks a model: opens the request's facts when it arrives and writes its log line when it
/// is over, whether or not it ever reached the pipeline. As metadata it marks these endpoints.
/// </summary>
internal sealed class ModelCallEndpoint(
    GatewayConfiguration configuration, RequestDrain drain, RequestLog log, FailureHandler failures, TimeProvider time, IChatClient pipeline)
{
    /// <summary>Maps an endpoint that asks a model. A bare delegate: the framework's parameter binding and filters would cost every call.</summary>
    public static IEndpointConventionBuilder Map(IEndpointRouteBuilder routes, string pattern, ModelCallHandler handler)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<ModelCallEndpoint>();

        // The method is what the OpenAPI document finds endpoints by.
        return routes.MapPost(pattern, http => endpoint.RunAsync(http, pattern, handler)).WithMetadata(handler.GetMethodInfo(), endpoint);
    }

    private async Task RunAsync(HttpContext http, string route, ModelCallHandler handler)
    {
        var request = new GatewayRequest
        {
            CallerGone = http.RequestAborted,
            Stopping = drain.Expired,
            RequestId = RequestId.Of(http),
            Endpoint = route,
            Principal = http.Features.GetRequiredFeature<Principal>(),
            Configuration = configuration.Current,
            StartedAt = time.GetTimestamp(),
        };
        Exception? failure = null;
        try
        {
            await handler(http, request, pipeline);
        }
        catch (Exception exception)
        {
            failure = exception;
            request.Error = RequestLog.OutcomeOf(exception, request);
        }

        log.Completed(request, (failure as BrokenStreamException)?.Cause ?? failure);
        if (failure is not null)
        {
            await failures.HandleAsync(http, failure);
        }
    }
}
