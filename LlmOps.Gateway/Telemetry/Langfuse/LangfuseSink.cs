using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Otlp;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Langfuse;

/// <summary>
/// Langfuse 2, 3 and 4: one trace for each request, one generation for each call to a model, and scores. From 3.22 on spans go by OTLP,
/// before by the ingestion API; scores always by the latter, which repetitions do no harm to.
/// </summary>
internal sealed partial class LangfuseSink : ISink
{
    private const string ServiceName = "service.name";

    /// <summary>How long a version is believed: a server may be replaced without a request that fails.</summary>
    public static readonly TimeSpan VersionLife = TimeSpan.FromMinutes(10);

    private static readonly string Version = ProgramVersion.Shown(new EndpointOptions());
    private static readonly Dictionary<string, object> Resource = new() { [ServiceName] = "llmops-gateway", ["service.version"] = Version };

    private readonly LangfuseApi _api;
    private readonly string? _environment;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private LangfuseVersion? _version;
    private LangfuseVersion? _told;
    private long _askedAt;

    private LangfuseSink(LangfuseApi api, string? environment, TimeProvider time, ILogger logger) =>
        (_api, _environment, _time, _logger) = (api, environment, time, logger);

    /// <inheritdoc/>
    public string Name => "langfuse";

    /// <summary>The sink; null where Langfuse's keys are not set.</summary>
    public static LangfuseSink? Of(TelemetryOptions options, TimeProvider time, ILogger<LangfuseSink> logger) =>
        LangfuseApi.Of(options.Langfuse, options.Delivery.Timeout) is { } api ? new LangfuseSink(api, options.Langfuse.Environment, time, logger) : null;

    /// <inheritdoc/>
    public bool Takes(TelemetryEvent telemetry) => telemetry is RequestTrace or ScoreGiven;

    /// <inheritdoc/>
    public async Task<SinkReply> SendAsync(IReadOnlyList<TelemetryEvent> events, CancellationToken cancellationToken)
    {
        var version = await FindVersionAsync(cancellationToken);
        try
        {
            return version.TakesOtlp ? await ExportAsync(version, events, cancellationToken) : await IngestAsync(version, events, cancellationToken);
        }
        catch (SinkException)
        {
            // It may be another server by the next time.
            _version = null;
            throw;
        }
    }

    /// <inheritdoc/>
    public Task CloseAsync(CancellationToken cancellationToken)
    {
        _api.Dispose();
        return Task.CompletedTask;
    }

    private async Task<SinkReply> ExportAsync(LangfuseVersion version, IReadOnlyList<TelemetryEvent> events, CancellationToken cancellationToken)
    {
        // Spans last: they would be there twice if they were taken and what comes after them were not.
        var scores = await SendAsync(version, [.. events.Where(each => each is ScoreGiven)], cancellationToken);
        var spans = new LangfuseSpans(_environment);
        List<OtlpSpan> all = [.. events.OfType<RequestTrace>().SelectMany(spans.Of)];
        if (all.Count > 0)
        {
            await _api.ExportAsync(OtlpEncoder.Encode(Resource, TelemetryNames.Source, Version, all), cancellationToken);
        }

        return ReplyOf(scores);
    }

    private async Task<SinkReply> IngestAsync(LangfuseVersion version, IReadOnlyList<TelemetryEvent> events, CancellationToken cancellationToken)
    {
        var sent = await SendAsync(version, events, cancellationToken);
        if (sent.Refused.Count == 0)
        {
            return ReplyOf(sent);
        }

        // Version 4 refuses what version 2 took, event by event: the server may have been replaced meanwhile.
        _version = null;
        return (await FindVersionAsync(cancellationToken)).TakesOtlp ? new SinkReply { Again = [.. sent.Refused, .. sent.Again] } : ReplyOf(sent);
    }

    private async Task<IngestionBatch<TelemetryEvent>> SendAsync(LangfuseVersion version, IReadOnlyList<TelemetryEvent> events, CancellationToken cancellationToken)
    {
        var (batch, written) = (new IngestionBatch<TelemetryEvent>(), new IngestionEvents(version, _environment));
        await batch.SendAsync(_api, [.. events.SelectMany(each => written.Of(each, IngestionLimits.MostEventBytes))], cancellationToken);
        return batch;
    }

    private static SinkReply ReplyOf(IngestionBatch<TelemetryEvent> batch) => batch.Refused.Count + batch.Again.Count == 0
        ? SinkReply.Taken
        : new SinkReply { Rejected = batch.Refused.Count, Reason = batch.Refused.Count == 0 ? null : batch.Reason, Again = [.. batch.Again] };

    private async Task<LangfuseVersion> FindVersionAsync(CancellationToken cancellationToken)
    {
        if (_version is { } known && _time.GetElapsedTime(_askedAt) < VersionLife)
        {
            return known;
        }

        var found = await _api.FindVersionAsync(cancellationToken);
        (_version, _askedAt) = (found, _time.GetTimestamp());
        if (_told != found)
        {
            _told = found;
            LogVersion(found, found.TakesOtlp ? "OTLP" : "the ingestion API");
        }

        return found;
    }

    [LoggerMessage(LogLevel.Information, "Langfuse {Version} is sent traces by {Way}.")]
    private partial void LogVersion(LangfuseVersion version, string way);
}
