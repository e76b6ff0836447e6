using System.Text.Json.Serialization;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>What is recorded of a request when it is over: its closing row, and a row for each attempt.</summary>
internal sealed record LedgerEntry
{
    /// <summary>The outcome of a request that was answered.</summary>
    public const string Ok = "ok";

    /// <summary>The outcome of one whose process ended before it did.</summary>
    public const string Interrupted = "interrupted";

    // More is not believed: the sums have to fit in 64 bits.
    private const long MostCost = 9_000_000_000_000_000;
    private const long MostTokens = 1_000_000_000_000;

    /// <summary>The internal id, a UUID of version 7. X-Request-ID is a label.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it arrived.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>X-Request-ID.</summary>
    public required string RequestId { get; init; }

    /// <summary>The endpoint's route.</summary>
    public required string Endpoint { get; init; }

    public required string Tenant { get; init; }

    public string? Team { get; init; }

    public string? User { get; init; }

    /// <summary>The key's id.</summary>
    public string? Key { get; init; }

    public required string Subject { get; init; }

    /// <summary>The model as the caller names it; null where the body was not understood.</summary>
    public string? Model { get; init; }

    public string? Provider { get; init; }

    public string? ProviderModel { get; init; }

    public string? Prompt { get; init; }

    public string? PromptVersion { get; init; }

    /// <summary>The variant of a running experiment.</summary>
    public string? Variant { get; init; }

    /// <summary>That experiment.</summary>
    public string? Experiment { get; init; }

    /// <summary>What of the request always sees that variant: 16 hexadecimal digits of a hash.</summary>
    public string? Unit { get; init; }

    public bool Stream { get; init; }

    /// <summary>ok, interrupted (the process ended before the request did), or the error's code.</summary>
    public required string Outcome { get; init; }

    /// <summary>The value of X-LlmOps-Cache.</summary>
    public required string Cache { get; init; }

    public long? InputTokens { get; init; }

    public long? OutputTokens { get; init; }

    /// <summary>What it cost; null where that is not known: unpriced, not free.</summary>
    public NanoUsd? Cost { get; init; }

    /// <summary>Whether a part of tokens or cost is estimated.</summary>
    public bool IsEstimated { get; init; }

    /// <summary>What a reused answer had cost.</summary>
    public NanoUsd? Saved { get; init; }

    public double DurationMs { get; init; }

    public double? FirstChunkMs { get; init; }

    /// <summary>X-LlmOps-User: a label.</summary>
    public string? UserLabel { get; init; }

    /// <summary>X-LlmOps-Session: a label.</summary>
    public string? Session { get; init; }

    /// <summary>Its calls to providers; in a trace they are its spans.</summary>
    [JsonIgnore]
    public IReadOnlyList<LedgerAttempt> Attempts { get; init; } = [];

    /// <summary>The counters that its money was reserved in; empty for none.</summary>
    [JsonIgnore]
    public IReadOnlyList<BudgetCounter> Budgets { get; init; } = [];

    /// <summary>What a request was and what came of it, as far as it is known by now.</summary>
    /// <param name="request">The request.</param>
    /// <param name="took">How long it has taken.</param>
    public static LedgerEntry Of(GatewayRequest request, TimeSpan took) =>
        Of(request, took, request.Error?.Code ?? Ok, Money(request.Cost), request.CostIsEstimated, request.Reservation?.Counters ?? []);

    /// <summary>A request that is about to spend: what is recorded where its process ends before it does.</summary>
    /// <param name="request">The request.</param>
    /// <param name="took">How long it has taken.</param>
    /// <param name="amount">What it may cost.</param>
    /// <param name="counters">What that is reserved in.</param>
    public static LedgerEntry Begun(GatewayRequest request, TimeSpan took, NanoUsd amount, BudgetCounter[] counters) =>
        Of(request, took, Interrupted, amount, isEstimated: true, counters);

    private static LedgerEntry Of(GatewayRequest request, TimeSpan took, string outcome, NanoUsd? cost, bool isEstimated, BudgetCounter[] counters)
    {
        // A reused answer costs no tokens, and saves what it cost when it was given first.
        var (taken, principal) = (request.Reused is null ? request.Taken : null, request.Principal);
        return new LedgerEntry
        {
            Id = request.Id,
            At = request.At,
            RequestId = request.RequestId,
            Endpoint = request.Endpoint,
            Tenant = principal.Tenant,
            Team = principal.Team,
            User = principal.User,
            Key = principal.Key,
            Subject = principal.Subject,
            Model = request.Model,
            Provider = request.Provider,
            ProviderModel = request.ProviderModel,
            Prompt = request.Prompt?.Name,
            PromptVersion = request.Prompt?.Version,
            Variant = request.Prompt?.Exposure?.Variant,
            Experiment = request.Prompt?.Exposure?.Experiment,
            Unit = request.Prompt?.Exposure?.Unit,
            Stream = request.Streaming,
            Outcome = outcome,
            Cache = request.CacheStatus,
            InputTokens = Tokens(taken?.InputTokens),
            OutputTokens = Tokens(taken?.OutputTokens),
            Cost = cost,
            IsEstimated = isEstimated || taken?.IsEstimated == true,
            Saved = Money(request.Reused?.Saved),
            DurationMs = took.TotalMilliseconds,
            FirstChunkMs = request.TimeToFirstChunk?.TotalMilliseconds,
            UserLabel = request.User,
            Session = request.Session,
            Attempts = Array.ConvertAll(request.AllAttempts, Of),
            Budgets = counters,
        };
    }

    private static LedgerAttempt Of(Attempt attempt)
    {
        var taken = attempt.Taken;
        return new LedgerAttempt(
            attempt.Operation, attempt.Target.Provider, attempt.Target.Model, attempt.Outcome, Tokens(taken.InputTokens), Tokens(taken.OutputTokens), Money(taken.Cost), taken.IsEstimated, attempt.Duration.TotalMilliseconds);
    }

    private static long? Tokens(long? told) => told is { } tokens ? Math.Clamp(tokens, 0, MostTokens) : null;

    private static NanoUsd? Money(NanoUsd? told) => told is { } cost ? new NanoUsd(Math.Clamp(cost.Value, 0, MostCost)) : null;
}

/// <summary>One call to a provider.</summary>
internal sealed record LedgerAttempt(
    string Operation, string Provider, string Model, string Outcome, long? InputTokens, long? OutputTokens, NanoUsd? Cost, bool IsEstimated, double DurationMs);
