using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Telemetry;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Accounting;

/// <summary>
/// What one call to a provider took. What the provider reports wins, even zero. Where it does not report, or its answer was
/// not seen to its end, it is estimated from what is known: the provider bills all the same.
/// </summary>
/// <param name="InputTokens">Input tokens; null where there were none to count.</param>
/// <param name="OutputTokens">Output tokens; null likewise.</param>
/// <param name="Cost">What it cost; null where the model has no price.</param>
/// <param name="IsEstimated">Whether the cost is estimated: as the tokens are, or as the price of the service tier is not known.</param>
internal sealed record AttemptCost(long? InputTokens, long? OutputTokens, NanoUsd? Cost, bool IsEstimated)
{
    private static readonly AttemptCost Nothing = new(null, null, new NanoUsd(0), false);

    // Where a provider may have worked, and billed, although its answer is not there. All others are its own refusals, or were never sent.
    private static readonly HashSet<string> Billed =
    [
        AttemptTelemetry.Ok, AttemptTelemetry.Cancelled, AttemptTelemetry.Lost, ErrorCode.ProviderTimeout.Code, ErrorCode.ProviderBadResponse.Code, ErrorCode.ProviderStreamInterrupted.Code,
        ErrorCode.DeadlineExceeded.Code, ErrorCode.GatewayStopping.Code, ErrorCode.ClientClosedRequest.Code, ErrorCode.InternalError.Code,
    ];

    /// <summary>What this call and another one took together.</summary>
    public AttemptCost And(AttemptCost other) =>
        new(Sum(InputTokens, other.InputTokens), Sum(OutputTokens, other.OutputTokens), Cost is { } one && other.Cost is { } another ? new NanoUsd(one.Value + another.Value) : null, IsEstimated || other.IsEstimated);

    /// <summary>What an attempt took; what it has taken so far, while it is not over.</summary>
    public static AttemptCost Of(Attempt attempt, GatewayRequest request)
    {
        var (usage, isFinal) = (attempt.Usage, attempt.HasFinalUsage);
        if (isFinal && usage is not null && (usage is { InputTokenCount: not null, OutputTokenCount: not null } || usage.Get(UsageCounts.CostNanoUsd) is not null))
        {
            return Of(usage, attempt, request, isEstimated: false);
        }

        if (!attempt.WasAnswered && (attempt.IsRefused || !Billed.Contains(attempt.Outcome)))
        {
            return Nothing;
        }

        // A guess is never more than what was reserved.
        var pricing = attempt.Target.Pricing;
        var (told, seen) = (usage?.OutputTokenCount, Math.Min(pricing.MostOutput(request), OutputOf(attempt)));
        var estimated = new UsageDetails
        {
            InputTokenCount = usage?.InputTokenCount ?? Math.Min(request.Size.MostTokens(pricing.Facts?.ContextWindow), request.Size.UsualTokens),

            // What was told on the way, of an answer that broke off later, is not all.
            OutputTokenCount = isFinal ? told ?? seen : Math.Max(told ?? 0, seen),
            CachedInputTokenCount = usage?.CachedInputTokenCount,
        };
        return Of(estimated, attempt, request, isEstimated: true);
    }

    private static long? Sum(long? one, long? other) => one is null && other is null ? null : (one ?? 0) + (other ?? 0);

    // At a service tier whose price nobody knows, a model that has a price costs a budget what was reserved: it must not be free for whoever gets that tier.
    private static AttemptCost Of(UsageDetails usage, Attempt attempt, GatewayRequest request, bool isEstimated)
    {
        var pricing = attempt.Target.Pricing;
        var cost = pricing.Of(usage, attempt.ServiceTier, request.Day);
        return cost is null && request.Payer.Reservation is not null && pricing.Bound(request) is { } bound
            ? new AttemptCost(usage.InputTokenCount, usage.OutputTokenCount, bound, true)
            : new AttemptCost(usage.InputTokenCount, usage.OutputTokenCount, cost, isEstimated);
    }

    // Of an answer that is no stream nobody saw what was generated meanwhile.
    private static long OutputOf(Attempt attempt) =>
        attempt.WasAnswered || attempt.Streaming ? EstimatedTokens.Of(attempt.OutputBytes) : (long)(attempt.Duration.TotalSeconds * EstimatedTokens.PerSecond);
}
