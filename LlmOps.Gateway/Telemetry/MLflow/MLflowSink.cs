using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Otlp;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.MLflow;

/// <summary>
/// MLflow: metrics of a run for each process and day, prompts and answers as its artifacts, spans to /v1/traces where the server has it.
/// </summary>
/// <remarks>
/// Requests are told in an order in which nothing is lost or counted twice where one of the steps fails and all are sent again. First the
/// artifact, which has the same path then, and is written over. Then the spans, which the server knows by their ids. The metrics are the
/// last: what was sent and not answered is sent once more as it was, and MLflow drops a metric that it has with the same key, time, step
/// and value; the requests in it are left out of what follows.
/// </remarks>
internal sealed partial class MLflowSink(MLflowServer server, MLflowRuns runs, MLflowFacts facts, ILogger<MLflowSink> logger) : ISink, IDisposable
{
    // Of requests that are to be sent again, those whose numbers are taken already.
    private readonly HashSet<Guid> _counted = [];

    // Null until the server was asked; asked again after it was away: it may be another version then.
    private bool? _traces;
    private bool _toldNoTraces;
    private bool _toldNoArtifacts;
    private (string Run, ReadOnlyMemory<byte> Body, HashSet<Guid> Requests)? _unanswered;

    /// <inheritdoc/>
    public string Name => "mlflow";

    /// <summary>The sink; null where there is no tracking server.</summary>
    public static MLflowSink? Create(TelemetryOptions options, MLflowFacts facts, TimeProvider time, ILogger<MLflowSink> logger)
    {
        var mlflow = options.MLflow;
        if (mlflow.TrackingUri is not { } address)
        {
            return null;
        }

        var server = MLflowServer.Of(mlflow, address, options.Delivery.Timeout);
        return new MLflowSink(server, new MLflowRuns(server, mlflow.Experiment, facts, time), facts, logger);
    }

    /// <inheritdoc/>
    public bool Takes(TelemetryEvent telemetry) => telemetry is RequestTrace;

    /// <inheritdoc/>
    public async Task<SinkReply> SendAsync(IReadOnlyList<TelemetryEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            var requests = events.OfType<RequestTrace>().ToList();
            if (await TellAsync(requests, cancellationToken) is { } reply)
            {
                return reply;
            }

            // The run is gone: all of it goes to a new one.
            runs.Forget();
            _counted.Clear();
            return await TellAsync(requests, cancellationToken) ?? throw new SinkException("mlflow makes a run, and does not know it.");
        }
        catch (SinkException)
        {
            _traces = null;
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await runs.FinishAsync(cancellationToken);
        }
        catch (SinkException exception)
        {
            LogUnfinished(exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => server.Dispose();

    // Null where the run is gone.
    private async Task<SinkReply?> TellAsync(List<RequestTrace> requests, CancellationToken cancellationToken)
    {
        var run = await runs.CurrentAsync(cancellationToken);
        await KeepContentAsync(run, requests, cancellationToken);
        var reply = await SendSpansAsync(run, requests, cancellationToken);
        return await LogMetricsAsync(run, requests, cancellationToken) ? reply : null;
    }

    private async Task KeepContentAsync(MLflowRun run, List<RequestTrace> requests, CancellationToken cancellationToken)
    {
        var captured = requests.Where(request => request.Content is not null).ToList();
        if (captured.Count > 0 && !await server.PutAsync(run.Artifacts, MLflowContent.PathOf(captured[0]), MLflowContent.Write(captured), cancellationToken) && !_toldNoArtifacts)
        {
            _toldNoArtifacts = true;
            LogNoArtifacts(run.Artifacts);
        }
    }

    private async Task<SinkReply> SendSpansAsync(MLflowRun run, List<RequestTrace> requests, CancellationToken cancellationToken)
    {
        _traces ??= await server.HasTracesAsync(cancellationToken);
        var spans = requests.SelectMany(MLflowSpans.Of).ToList();
        if (_traces == true && spans.Count > 0)
        {
            try
            {
                var resource = new Dictionary<string, object> { ["service.name"] = facts.Service, ["service.version"] = facts.Version };
                _traces = await server.SendSpansAsync(run.Experiment, OtlpEncoder.Encode(resource, TelemetryNames.Source, facts.Version, spans), cancellationToken);
            }
            catch (BatchRefusedException exception) when (requests.Count == 1)
            {
                // Its numbers still count.
                return new SinkReply { Rejected = 1, Reason = exception.Message };
            }
        }

        if (_traces == false && !_toldNoTraces)
        {
            _toldNoTraces = true;
            LogNoTraces();
        }

        return SinkReply.Taken;
    }

    private async Task<bool> LogMetricsAsync(MLflowRun run, List<RequestTrace> requests, CancellationToken cancellationToken)
    {
        if (_unanswered is { } before && await LogAsync(before.Run, before.Body, cancellationToken))
        {
            _counted.UnionWith(before.Requests);
        }

        _unanswered = null;
        var left = requests.Where(request => !_counted.Contains(request.EventId)).ToList();
        if (left.Count > 0)
        {
            var body = RequestMetrics.Write(run.Id, run.Step++, left);
            _unanswered = (run.Id, body, [.. left.Select(request => request.EventId)]);
            var isTaken = await LogAsync(run.Id, body, cancellationToken);
            _unanswered = null;
            if (!isTaken)
            {
                return false;
            }
        }

        // None of them comes again.
        _counted.ExceptWith(requests.Select(request => request.EventId));
        return true;
    }

    // Whether the run is still there to take it.
    private async Task<bool> LogAsync(string run, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var reply = await server.CallAsync(HttpMethod.Post, "runs/log-batch", body, cancellationToken);
        if (reply.Error is null)
        {
            return true;
        }

        var isGone = reply.Error == MLflowServer.NotThere
            || (reply.Error == MLflowServer.Invalid && reply.Message?.Contains("must be in the 'active' state", StringComparison.Ordinal) == true);
        _unanswered = null;
        return isGone ? false : throw new BatchRefusedException($"mlflow does not take the metrics of run {run}: {reply.Error}: {reply.Message}");
    }

    [LoggerMessage(LogLevel.Warning, "MLflow has no place for traces (/v1/traces, from MLflow 3.6 on and with a database): it gets metrics only.")]
    private partial void LogNoTraces();

    [LoggerMessage(LogLevel.Warning, "MLflow's artifacts, at {Location}, are not written through its server: prompts and answers are not kept there. An experiment of a server with --serve-artifacts has them.")]
    private partial void LogNoArtifacts(string location);

    [LoggerMessage(LogLevel.Warning, "MLflow's run stays unfinished: {Reason}")]
    private partial void LogUnfinished(string reason);
}
