using System.Globalization;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Idempotency;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry;
using LlmOps.ServiceDefaults;
using Microsoft.AspNetCore.Http.Features;

namespace LlmOps.Gateway.Endpoints;

/// <summary>
/// Every endpoint that asks a model: opens the request's facts when it arrives, has it answered, and writes its
/// log line when it is over, whether or not it ever reached the pipeline. As metadata it marks these endpoints.
/// </summary>
internal sealed class ModelCallEndpoint(
    GatewayConfiguration configuration, RequestDrain drain, AccessDirectory directory, RequestLimiter limiter, IdempotentCalls idempotent, RequestAccounting accounting, RequestLog log, RequestStatistics statistics, RequestTelemetry telemetry, FailureHandler failures, TimeProvider time)
{
    private const string TimeoutHeader = "X-LlmOps-Timeout";
    private const int LongestTimeout = 86_400;

    /// <summary>The most characters of a label of a request.</summary>
    public const int LongestLabel = 256;

    /// <summary>Maps an endpoint that asks a model. A bare delegate: the framework's parameter binding and filters would cost every call.</summary>
    public static IEndpointConventionBuilder Map(IEndpointRouteBuilder routes, string pattern, IModelCall call)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<ModelCallEndpoint>();
        RequestDelegate run = http => endpoint.RunAsync(http, pattern, call);

        // The method is what the OpenAPI document finds endpoints by.
        return routes.MapPost(pattern, run).WithMetadata(run.Method, endpoint);
    }

    /// <summary>Answers a request, whatever comes of it.</summary>
    /// <param name="http">The request, whose principal is known.</param>
    /// <param name="route">The route that it is recorded under.</param>
    /// <param name="call">What is done with it.</param>
    /// <exception cref="BrokenStreamException">Its stream has ended with an error.</exception>
    public async Task RunAsync(HttpContext http, string route, IModelCall call)
    {
        var snapshot = configuration.Current;
        var arrivedAt = time.GetUtcNow();
        var facts = new GatewayRequest
        {
            Id = RequestId.NewGuid(arrivedAt),
            At = arrivedAt,
            CallerGone = http.RequestAborted,
            Stopping = drain.Expired,
            RequestId = RequestId.Of(http),
            Endpoint = route,
            Family = call.Family,
            IsCachedByDefault = call.IsCachedByDefault,
            Principal = http.Features.GetRequiredFeature<Principal>(),
            Address = http.Connection.RemoteIpAddress,
            Configuration = snapshot,
            Timeout = snapshot.Options.Routing.RequestTimeout,
            Session = Label(http, "X-LlmOps-Session"),
            User = Label(http, "X-LlmOps-User"),
            StartedAt = time.GetTimestamp(),
            Spans = telemetry.Begin(http, route),
        };
        if (directory.Missing is { } database)
        {
            facts.DoWithout(database);
        }

        Exception? failure = null;
        statistics.Began();
        try
        {
            facts.Timeout = TimeoutOf(http) ?? facts.Timeout;
            facts.CacheControls = CacheControls.Of(http.Request.Headers);
            await limiter.EnterAsync(facts);
            var body = await RequestBody.ReadAsync(http, snapshot, call.TakesUntypedBodies);
            await (IdempotentRequest.Of(http, call, body, facts) is { } asked
                ? idempotent.AnswerAsync(http, call, asked, body, facts)
                : call.AnswerAsync(http, body, facts));
        }
        catch (Exception exception)
        {
            failure = exception;
            facts.Error = RequestLog.OutcomeOf(exception, facts);
        }

        accounting.Close(facts);
        var cause = (failure as BrokenStreamException)?.Cause ?? failure;
        statistics.Completed(facts, cause);
        log.Completed(facts, cause);
        telemetry.Completed(facts, cause);
        if (failure is not null)
        {
            if (!http.Response.HasStarted)
            {
                ResponseFacts.WriteAttempts(http.Response, facts);
            }

            await failures.HandleAsync(http, failure, facts.BodyRequestId);
        }
    }

    private static string? Label(HttpContext http, string header) =>
        http.Request.Headers.TryGetValue(header, out var values) && values.ToString() is { Length: > 0 and <= LongestLabel } label ? label : null;

    private static TimeSpan? TimeoutOf(HttpContext http)
    {
        if (!http.Request.Headers.TryGetValue(TimeoutHeader, out var values))
        {
            return null;
        }

        return double.TryParse(values.ToString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= LongestTimeout
            ? TimeSpan.FromSeconds(seconds)
            : throw new GatewayException(ErrorCode.InvalidValue, $"{TimeoutHeader} is '{Shown.Short(values.ToString())}'; expected a number of seconds, above 0 and up to {LongestTimeout}.", TimeoutHeader);
    }
}
