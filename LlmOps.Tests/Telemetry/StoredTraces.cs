using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Gateway.Telemetry.Traces;
using LlmOps.Tests.Accounting.Ledger;

namespace LlmOps.Tests.Telemetry;

/// <summary>Traces of requests that never were.</summary>
internal static class StoredTraces
{
    /// <summary>One of an entry, with the spans of a call that answered.</summary>
    public static RequestTrace Of(LedgerEntry entry) => new()
    {
        Request = entry,
        TraceId = "0af7651916cd43dd8448eb211c80319c",
        Status = entry.Outcome == LedgerEntry.Ok ? 200 : 502,
        Configuration = "c1",
        Parameters = new TraceParameters { Temperature = 0.5f, MaxTokens = 100, Stop = ["END"] },
        ResponseModel = "gpt-4o-2024-08-06",
        FinishReason = "stop",
        Spans = [Root(entry), Call(entry, new LedgerAttempt("chat", "openai", "gpt-4o", "ok", 20, 10, new NanoUsd(150_000), IsEstimated: false, entry.DurationMs))],
    };

    /// <summary>One of an X-Request-ID.</summary>
    public static RequestTrace Of(string requestId, DateTimeOffset? at = null) => Of(Entries.Of(requestId, at));

    /// <summary>The span of a request itself.</summary>
    public static TraceSpan Root(LedgerEntry entry) => new()
    {
        Id = "00f067aa0ba902b7",
        Name = entry.Endpoint,
        Kind = "server",
        StartedAt = entry.At,
        DurationMs = entry.DurationMs,
        Attributes = new Dictionary<string, object> { [TelemetryNames.ResponseStatus] = 200L },
    };

    /// <summary>The span of a call to a provider, from the request's begin.</summary>
    public static TraceSpan Call(LedgerEntry entry, LedgerAttempt call) => new()
    {
        Id = $"00f067aa0ba9{Math.Abs(HashCode.Combine(call)) % 10_000:0000}",
        Parent = "00f067aa0ba902b7",
        Name = $"chat {call.Model}",
        Kind = "client",
        StartedAt = entry.At,
        DurationMs = call.DurationMs,
        Call = call,
        Attributes = new Dictionary<string, object> { [TelemetryNames.RequestTemperature] = 0.5, [TelemetryNames.Attempt] = 1L, [TelemetryNames.RequestStopSequences] = new[] { "END" } },
    };

    /// <summary>A score of a trace's answer.</summary>
    public static ScoreGiven Score(RequestTrace trace, double value, DateTimeOffset? at = null, string source = ScoreGiven.Judge, string? comment = null) => new()
    {
        Id = Guid.CreateVersion7(),
        RequestId = trace.EventId,
        At = at ?? Entries.At,
        Name = "helpful",
        Value = value,
        Source = source,
        Comment = comment,
    };

    /// <summary>Writes events as the gateway does.</summary>
    public static Task SendAsync(IDatabase database, params TelemetryEvent[] events) =>
        TraceStoreSink.Create(new TelemetryOptions(), database)!.SendAsync(events, CancellationToken.None);
}
