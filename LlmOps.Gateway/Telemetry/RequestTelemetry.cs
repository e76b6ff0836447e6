using System.Diagnostics;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry.Delivery;

namespace LlmOps.Gateway.Telemetry;

/// <summary>The span of each request that asks a model, and the record of it for whoever takes it.</summary>
internal sealed class RequestTelemetry : IDisposable
{
    private const string ServersSource = "Microsoft.AspNetCore";

    private readonly Sinks _sinks;
    private readonly TraceBuilder _builder;
    private readonly ActivityListener? _listener;

    public RequestTelemetry(Sinks sinks, TraceBuilder builder)
    {
        (_sinks, _builder) = (sinks, builder);
        if (sinks.OfRequests.Count > 0)
        {
            _listener = new ActivityListener { ShouldListenTo = static source => source.Name == TelemetryNames.Source, Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData };
            ActivitySource.AddActivityListener(_listener);
        }
    }

    /// <summary>Begins the request's span; null where nobody wants it.</summary>
    public RequestSpans? Begin(HttpContext http, string route)
    {
        // Where the server's own spans are exported, that is the request's: one for each request.
        var server = Activity.Current;
        if (server is { IsAllDataRequested: true, Source.Name: ServersSource })
        {
            server.DisplayName = $"{http.Request.Method} {route}";
            return new RequestSpans(Described(server, http, route), isOwn: false);
        }

        if (!_sinks.HaveRoom)
        {
            return null;
        }

        var parent = server is null && ActivityContext.TryParse(http.Request.Headers.TraceParent, http.Request.Headers.TraceState, isRemote: true, out var callers) ? callers : default;
        return RequestSpans.Source.StartActivity($"{http.Request.Method} {route}", ActivityKind.Server, parent) is { } root ? new RequestSpans(Described(root, http, route), isOwn: true) : null;
    }

    /// <summary>The request is over, and recorded.</summary>
    /// <param name="request">The request.</param>
    /// <param name="failure">Why it failed; null for an answer.</param>
    public void Completed(GatewayRequest request, Exception? failure)
    {
        if (request.Spans is not { } spans)
        {
            _sinks.Missed();
            return;
        }

        RequestSpanTags.Add(spans, request);
        if (spans.IsOwn)
        {
            spans.Root.Dispose();
        }

        if (_sinks.HaveRoom)
        {
            _sinks.Publish(_builder.Build(request, spans, failure));
        }
        else
        {
            _sinks.Missed();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener?.Dispose();

    private static Activity Described(Activity root, HttpContext http, string route) =>
        root.SetTag(TelemetryNames.RequestMethod, http.Request.Method).SetTag(TelemetryNames.Route, route);
}
