using System.Diagnostics;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry;

/// <summary>Makes the record of a request that is over.</summary>
internal sealed class TraceBuilder(TimeProvider time)
{
    /// <summary>Makes it.</summary>
    /// <param name="request">The request, closed.</param>
    /// <param name="spans">Its spans.</param>
    /// <param name="failure">Why it failed; null for an answer.</param>
    public RequestTrace Build(GatewayRequest request, RequestSpans spans, Exception? failure)
    {
        // One that was refused before it could spend has no row, and is told all the same.
        var entry = request.Entry ?? LedgerEntry.Of(request, time.GetElapsedTime(request.StartedAt));
        var attempts = request.AllAttempts;
        return new RequestTrace
        {
            Request = entry,
            TraceId = spans.Root.TraceId.ToHexString(),
            Status = request.Error?.Status ?? StatusCodes.Status200OK,
            Reason = RequestLog.Reason(failure),
            Configuration = request.Configuration.Version,
            Parameters = request.Options is { } options ? RequestParameters.Of(options) : new TraceParameters(),
            ResponseModel = request.Reused is { } reused ? reused.ResponseModel : request.Attempt?.ResponseModel,
            FinishReason = (request.Reused is { } given ? given.FinishReason : request.Attempt?.FinishReason)?.Value,
            Semantic = request.Semantic is { } semantic ? new TraceSimilarity(semantic.Mode.ToString().ToLowerInvariant(), semantic.Similarity, semantic.Refusal) : null,
            Guardrails = request.Found?.Split(',') ?? [],
            Degraded = request.Degraded?.Split(',') ?? [],
            Spans = Array.ConvertAll(spans.All, span => Of(span.Span, span.Attempt, attempts, entry)),
            Content = request.Content?.Captured,
        };
    }

    private TraceSpan Of(Activity span, Attempt? attempt, Attempt[] attempts, LedgerEntry entry)
    {
        // Others may still wait for the call of one that has left.
        var duration = span.IsStopped ? span.Duration : time.GetUtcNow().UtcDateTime - span.StartTimeUtc;
        var place = attempt is null ? -1 : Array.IndexOf(attempts, attempt);
        return new TraceSpan
        {
            Id = span.SpanId.ToHexString(),
            Parent = span.ParentSpanId == default ? null : span.ParentSpanId.ToHexString(),
            Name = span.DisplayName,
            Kind = span.Kind switch { ActivityKind.Server => "server", ActivityKind.Client => "client", _ => "internal" },
            StartedAt = span.StartTimeUtc,
            DurationMs = Math.Max(0, duration.TotalMilliseconds),
            Error = span.GetTagItem(TelemetryNames.ErrorType) as string,
            Attributes = new SpanTags(span),
            Call = place >= 0 && place < entry.Attempts.Count ? entry.Attempts[place] : null,
            FirstChunkAt = attempt is { Streaming: true, FirstChunkAfter: { } first } ? new DateTimeOffset(span.StartTimeUtc) + first : null,
        };
    }
}
