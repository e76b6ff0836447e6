using System.Text.Json.Serialization;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Gateway.Telemetry.Traces;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>A part of the traces.</summary>
/// <param name="Data">Newest first. Where those that fit are seldom, there may be fewer than asked for, or none, though more follow.</param>
/// <param name="HasMore">Whether there may be more.</param>
/// <param name="Next">What to give as <c>after</c> for the next part; null at the end.</param>
internal sealed record TraceList(IReadOnlyList<TraceHead> Data, bool HasMore, string? Next);

/// <summary>What a list tells of a request.</summary>
internal record TraceHead
{
    /// <summary>The internal id.</summary>
    public required string Id { get; init; }

    /// <summary>When it arrived.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>X-Request-ID.</summary>
    public required string RequestId { get; init; }

    public required string Tenant { get; init; }

    /// <summary>The model as the caller names it; null where the body was not understood.</summary>
    public string? Model { get; init; }

    public string? Prompt { get; init; }

    public string? PromptVersion { get; init; }

    public string? Variant { get; init; }

    public string? Experiment { get; init; }

    /// <summary>ok, or the code of the failure.</summary>
    public required string Outcome { get; init; }

    /// <summary>The HTTP status; 499 where the caller has left.</summary>
    public required long Status { get; init; }

    /// <summary>X-LlmOps-Cache.</summary>
    public required string Cache { get; init; }

    /// <summary>Null where it is not known.</summary>
    public decimal? CostUsd { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public required double DurationMs { get; init; }

    /// <summary>That of a row.</summary>
    public static TraceHead Of(TraceRow row) => new()
    {
        Id = row.Id,
        At = DateTimeOffset.FromUnixTimeMilliseconds(row.At),
        RequestId = row.RequestId,
        Tenant = row.Tenant,
        Model = row.Model,
        Prompt = row.Prompt,
        PromptVersion = row.PromptVersion,
        Variant = row.Variant,
        Experiment = row.Experiment,
        Outcome = row.Outcome,
        Status = row.Status,
        Cache = row.Cache,
        CostUsd = row.CostNano is { } nano ? new NanoUsd(nano).Dollars : null,
        InputTokens = row.InputTokens,
        OutputTokens = row.OutputTokens,
        DurationMs = row.DurationUs / 1000.0,
    };
}

/// <summary>Everything that is known of a request.</summary>
internal sealed record TraceReply : TraceHead
{
    /// <summary>What became of it and why, in sentences.</summary>
    public required IReadOnlyList<string> Why { get; init; }

    /// <summary>Why it failed, in words; null for an answer.</summary>
    public string? Reason { get; init; }

    /// <summary>The W3C trace it is a part of.</summary>
    public required string TraceId { get; init; }

    /// <summary>The endpoint's route.</summary>
    public required string Endpoint { get; init; }

    public required bool Stream { get; init; }

    public required string Subject { get; init; }

    public string? Team { get; init; }

    public string? User { get; init; }

    /// <summary>The key's id.</summary>
    public string? Key { get; init; }

    /// <summary>X-LlmOps-User: a label.</summary>
    public string? UserLabel { get; init; }

    /// <summary>X-LlmOps-Session: a label.</summary>
    public string? Session { get; init; }

    public string? Provider { get; init; }

    /// <summary>That provider's name for the model.</summary>
    public string? ProviderModel { get; init; }

    /// <summary>The model that answered, as the provider names it.</summary>
    public string? ResponseModel { get; init; }

    /// <summary>Why the model stopped, in OpenAI's words.</summary>
    public string? FinishReason { get; init; }

    /// <summary>What the caller asked the model to answer with; what was left to the provider is null.</summary>
    public required TraceParameters Parameters { get; init; }

    /// <summary>From its arrival to the first content of a stream.</summary>
    public double? FirstChunkMs { get; init; }

    /// <summary>Whether a part of tokens or cost is estimated.</summary>
    public required bool IsEstimated { get; init; }

    /// <summary>What a reused answer had cost.</summary>
    public decimal? SavedUsd { get; init; }

    /// <summary>What the semantic cache found; null where it was not asked.</summary>
    public TraceSimilarity? Semantic { get; init; }

    /// <summary>The rules of guardrails that found something.</summary>
    public required IReadOnlyList<string> Guardrails { get; init; }

    /// <summary>What it had to do without.</summary>
    public required IReadOnlyList<string> Degraded { get; init; }

    /// <summary>The version of the configuration that it lived under.</summary>
    public required string Configuration { get; init; }

    /// <summary>What its time was spent in, in the order in which it began; the first is the request itself.</summary>
    public required IReadOnlyList<TraceSpanReply> Spans { get; init; }

    /// <summary>What was said; null unless it is captured.</summary>
    public TraceContent? Content { get; init; }

    /// <summary>What its caller said of the answer.</summary>
    public required IReadOnlyList<TraceScoreReply> Feedback { get; init; }

    /// <summary>What judges and evaluations said of it.</summary>
    public required IReadOnlyList<TraceScoreReply> Scores { get; init; }

    /// <summary>A trace.</summary>
    public static TraceReply Of(TraceFound found)
    {
        var (trace, request) = (found.Trace, found.Trace.Request);
        return new TraceReply
        {
            Id = request.Id.ToString(),
            At = request.At,
            RequestId = request.RequestId,
            Tenant = request.Tenant,
            Model = request.Model,
            Prompt = request.Prompt,
            PromptVersion = request.PromptVersion,
            Variant = request.Variant,
            Experiment = request.Experiment,
            Outcome = request.Outcome,
            Status = trace.Status,
            Cache = request.Cache,
            CostUsd = request.Cost?.Dollars,
            InputTokens = request.InputTokens,
            OutputTokens = request.OutputTokens,
            DurationMs = request.DurationMs,
            Why = TraceExplanation.Of(trace),
            Reason = trace.Reason,
            TraceId = trace.TraceId,
            Endpoint = request.Endpoint,
            Stream = request.Stream,
            Subject = request.Subject,
            Team = request.Team,
            User = request.User,
            Key = request.Key,
            UserLabel = request.UserLabel,
            Session = request.Session,
            Provider = request.Provider,
            ProviderModel = request.ProviderModel,
            ResponseModel = trace.ResponseModel,
            FinishReason = trace.FinishReason,
            Parameters = trace.Parameters,
            FirstChunkMs = request.FirstChunkMs,
            IsEstimated = request.IsEstimated,
            SavedUsd = request.Saved?.Dollars,
            Semantic = trace.Semantic,
            Guardrails = trace.Guardrails,
            Degraded = trace.Degraded,
            Configuration = trace.Configuration,
            Spans = [.. trace.Spans.Select(span => TraceSpanReply.Of(span, trace.Spans[0].StartedAt))],
            Content = trace.Content,
            Feedback = [.. found.Feedback.Select(TraceScoreReply.Of)],
            Scores = [.. found.Scores.Select(TraceScoreReply.Of)],
        };
    }
}

/// <summary>A part of a request's time.</summary>
/// <param name="Id">16 hexadecimal digits.</param>
/// <param name="Parent">The one it lies in; null for none.</param>
/// <param name="Name">What was done.</param>
/// <param name="Kind">internal, server or client.</param>
/// <param name="StartMs">From the request's arrival.</param>
/// <param name="DurationMs">How long it took.</param>
/// <param name="FirstChunkMs">Of a stream, from the request's arrival to its first content.</param>
/// <param name="Error">How it failed; null where it did not.</param>
/// <param name="Call">Of a call to a provider.</param>
/// <param name="Attributes">By OpenTelemetry's names, and ours under llmops.</param>
internal sealed record TraceSpanReply(
    string Id, string? Parent, string Name, string Kind, double StartMs, double DurationMs, double? FirstChunkMs, string? Error, TraceCallReply? Call,
    [property: JsonConverter(typeof(SpanAttributes))] IReadOnlyDictionary<string, object> Attributes)
{
    /// <summary>A span.</summary>
    public static TraceSpanReply Of(TraceSpan span, DateTimeOffset begun) => new(
        span.Id, span.Parent, span.Name, span.Kind, (span.StartedAt - begun).TotalMilliseconds, span.DurationMs, (span.FirstChunkAt - begun)?.TotalMilliseconds, span.Error,
        span.Call is { } call ? TraceCallReply.Of(call) : null, span.Attributes);
}

/// <summary>A call to a provider.</summary>
/// <param name="Operation">chat or embeddings.</param>
/// <param name="Provider">The provider.</param>
/// <param name="Model">Its name for the model.</param>
/// <param name="Outcome">ok, cancelled, lost, or the code of the failure.</param>
/// <param name="InputTokens">Null where they are not known.</param>
/// <param name="OutputTokens">Null where they are not known.</param>
/// <param name="CostUsd">Null where it is not known.</param>
/// <param name="IsEstimated">Whether a part of them is estimated.</param>
internal sealed record TraceCallReply(string Operation, string Provider, string Model, string Outcome, long? InputTokens, long? OutputTokens, decimal? CostUsd, bool IsEstimated)
{
    /// <summary>A call.</summary>
    public static TraceCallReply Of(LedgerAttempt call) =>
        new(call.Operation, call.Provider, call.Model, call.Outcome, call.InputTokens, call.OutputTokens, call.Cost?.Dollars, call.IsEstimated);
}

/// <summary>What was said of an answer.</summary>
/// <param name="Name">What is scored.</param>
/// <param name="Source">Who scored.</param>
/// <param name="Value">The score.</param>
/// <param name="Comment">In words; null for nothing.</param>
/// <param name="At">When.</param>
internal sealed record TraceScoreReply(string Name, string Source, double Value, string? Comment, DateTimeOffset At)
{
    /// <summary>A score.</summary>
    public static TraceScoreReply Of(TraceScore score) =>
        new(score.Name, score.Source ?? ScoreGiven.Feedback, score.Value, score.Comment, DateTimeOffset.FromUnixTimeMilliseconds(score.At));
}
