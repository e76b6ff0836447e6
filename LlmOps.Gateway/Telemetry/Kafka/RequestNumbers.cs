using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Telemetry.Records;

namespace LlmOps.Gateway.Telemetry.Kafka;

/// <summary>The numbers of a request, as the topic of metrics has them; null for what is not known, which is then left out.</summary>
internal sealed record RequestNumbers
{
    /// <summary>The request's internal id; a record that comes twice has it twice.</summary>
    public required Guid EventId { get; init; }

    /// <summary>X-Request-ID: a label, which callers may repeat.</summary>
    public required string RequestId { get; init; }

    /// <summary>When it arrived.</summary>
    public required DateTimeOffset Time { get; init; }

    public required string Tenant { get; init; }

    public required string Endpoint { get; init; }

    public string? Model { get; init; }

    public string? Provider { get; init; }

    public string? ProviderModel { get; init; }

    public string? Prompt { get; init; }

    public string? PromptVersion { get; init; }

    public string? Experiment { get; init; }

    public string? Variant { get; init; }

    public required bool Stream { get; init; }

    /// <summary>ok, or the error's code.</summary>
    public required string Outcome { get; init; }

    public required int Status { get; init; }

    /// <summary>The value of X-LlmOps-Cache.</summary>
    public required string Cache { get; init; }

    /// <summary>How near the nearest question was, 0 to 1.</summary>
    public double? Similarity { get; init; }

    public required double LatencyMs { get; init; }

    public double? FirstChunkMs { get; init; }

    /// <summary>The time of all calls to providers together.</summary>
    public double? ModelMs { get; init; }

    /// <summary>How many calls to providers there were.</summary>
    public required int Attempts { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? TotalTokens { get; init; }

    /// <summary>US dollars; null where the price is not known.</summary>
    public decimal? CostUsd { get; init; }

    /// <summary>Whether tokens or cost are estimated in part.</summary>
    public required bool Estimated { get; init; }

    /// <summary>What a reused answer had cost, in US dollars.</summary>
    public decimal? SavedUsd { get; init; }

    /// <summary>Those of a request; tokens and cost are the ledger's.</summary>
    public static RequestNumbers Of(RequestTrace trace)
    {
        var (request, calls) = (trace.Request, trace.Spans.Select(span => span.Call).OfType<LedgerAttempt>().ToList());
        return new RequestNumbers
        {
            EventId = trace.EventId,
            RequestId = request.RequestId,
            Time = request.At,
            Tenant = request.Tenant,
            Endpoint = request.Endpoint,
            Model = request.Model,
            Provider = request.Provider,
            ProviderModel = request.ProviderModel,
            Prompt = request.Prompt,
            PromptVersion = request.PromptVersion,
            Experiment = request.Experiment,
            Variant = request.Variant,
            Stream = request.Stream,
            Outcome = request.Outcome,
            Status = trace.Status,
            Cache = request.Cache,
            Similarity = trace.Semantic?.Similarity,
            LatencyMs = request.DurationMs,
            FirstChunkMs = request.FirstChunkMs,
            ModelMs = calls.Count == 0 ? null : calls.Sum(call => call.DurationMs),
            Attempts = calls.Count,
            InputTokens = request.InputTokens,
            OutputTokens = request.OutputTokens,
            TotalTokens = request.InputTokens is null && request.OutputTokens is null ? null : (request.InputTokens ?? 0) + (request.OutputTokens ?? 0),
            CostUsd = request.Cost?.Dollars,
            Estimated = request.IsEstimated,
            SavedUsd = request.Saved?.Dollars,
        };
    }
}
