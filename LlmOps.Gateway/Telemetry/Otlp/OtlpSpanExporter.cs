using System.Diagnostics;
using System.Net;
using OpenTelemetry;
using OpenTelemetry.Exporter;

namespace LlmOps.Gateway.Telemetry.Otlp;

/// <summary>OpenTelemetry's own exporter of spans, which tells what came of an export no further than whether it was taken: what the server answered is seen on the way.</summary>
internal sealed class OtlpSpanExporter : IDisposable
{
    private const string Prefix = "OTEL_EXPORTER_OTLP_";

    private HttpStatusCode? _answered;

    public OtlpSpanExporter(IConfiguration configuration)
    {
        // Of the variables for all signals it reads by itself; those for traces go before them.
        var options = new OtlpExporterOptions();
        if (configuration[Prefix + "TRACES_PROTOCOL"] is { Length: > 0 } protocol)
        {
            options.Protocol = protocol == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        }

        if (Uri.TryCreate(configuration[Prefix + "TRACES_ENDPOINT"], UriKind.Absolute, out var endpoint))
        {
            options.Endpoint = endpoint;
        }

        options.Headers = configuration[Prefix + "TRACES_HEADERS"] is { Length: > 0 } headers ? headers : options.Headers;
        options.TimeoutMilliseconds = int.TryParse(configuration[Prefix + "TRACES_TIMEOUT"], out var timeout) ? timeout : options.TimeoutMilliseconds;
        options.HttpClientFactory = () => new HttpClient(new Watched(this)) { Timeout = TimeSpan.FromMilliseconds(options.TimeoutMilliseconds) };
        Exporter = new OtlpTraceExporter(options);
        Endpoint = options.Endpoint;
    }

    /// <summary>The exporter.</summary>
    public OtlpTraceExporter Exporter { get; }

    /// <summary>Where it sends to.</summary>
    public Uri Endpoint { get; }

    /// <summary>Exports spans; one call at a time. It holds the thread.</summary>
    /// <returns>Whether they were taken, and the status that was answered; null where nothing was.</returns>
    public (bool Taken, HttpStatusCode? Answered) Export(Activity[] spans)
    {
        _answered = null;
        return (Exporter.Export(new Batch<Activity>(spans, spans.Length)) == ExportResult.Success, _answered);
    }

    /// <inheritdoc/>
    public void Dispose() => Exporter.Dispose();

    private sealed class Watched(OtlpSpanExporter exporter) : DelegatingHandler(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = base.Send(request, cancellationToken);
            exporter._answered = response.StatusCode;
            return response;
        }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            exporter._answered = response.StatusCode;
            return response;
        }
    }
}
