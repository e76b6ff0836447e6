using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Traces;

/// <summary>Keeps traces and scores in the gateway's own database, for GET /admin/traces.</summary>
internal sealed class TraceStoreSink : ISink
{
    private readonly TraceTables _tables;

    private TraceStoreSink(TraceTables tables) => _tables = tables;

    /// <inheritdoc/>
    public string Name => "traces";

    /// <summary>The sink; null where traces are not kept.</summary>
    public static TraceStoreSink? Create(TelemetryOptions options, IDatabase database) => options.Traces.Enabled ? new TraceStoreSink(new TraceTables(database)) : null;

    /// <inheritdoc/>
    public bool IsLocal => true;

    /// <inheritdoc/>
    public bool Takes(TelemetryEvent telemetry) => telemetry is RequestTrace or ScoreGiven { Source: not ScoreGiven.Feedback };

    /// <inheritdoc/>
    public async Task<SinkReply> SendAsync(IReadOnlyList<TelemetryEvent> events, CancellationToken cancellationToken)
    {
        try
        {
            await _tables.WriteAsync([.. events.OfType<RequestTrace>()], [.. events.OfType<ScoreGiven>().Where(Takes)], cancellationToken);
            return SinkReply.Taken;
        }
        catch (DatabaseException exception) when (exception.IsRefused)
        {
            throw new BatchRefusedException(exception.Message);
        }
        catch (DatabaseException exception)
        {
            throw new SinkException(exception.Message, exception);
        }
    }
}
