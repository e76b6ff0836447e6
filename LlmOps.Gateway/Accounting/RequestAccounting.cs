using System.Diagnostics.Metrics;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Telemetry;

namespace LlmOps.Gateway.Accounting;

/// <summary>What a request may take and what it took: reserved before it goes into the pipeline, settled and recorded before its answer ends.</summary>
internal sealed class RequestAccounting(RequestLimiter limiter, RequestBudgets budgets, UsageLedger ledger, TimeProvider time)
{
    private static readonly Meter Meter = new(TelemetryNames.Source);
    private static readonly Counter<long> Unpriced = Meter.CreateCounter<long>(TelemetryNames.Unpriced, "{request}", "Requests whose cost is not known, as a model has no price.");

    /// <summary>Reserves tokens and money, as much as the request can take.</summary>
    /// <param name="request">The request, whose model is known.</param>
    /// <param name="size">How large it is.</param>
    /// <exception cref="GatewayException">A limit or a budget is used up.</exception>
    public async ValueTask ReserveAsync(GatewayRequest request, RequestSize size)
    {
        request.Size = size;
        var (input, output) = MostTokens(request);
        await limiter.ReserveAsync(request, request.MaxTokens is null ? input : input + output, input + output);
        await budgets.ReserveAsync(request);
    }

    /// <summary>
    /// Settles and records a request whose answer is complete, or that has failed: before the last of it is sent, so that nobody
    /// has seen an answer that is not recorded. Later calls do nothing.
    /// </summary>
    public void Close(GatewayRequest request)
    {
        if (request.IsClosed)
        {
            return;
        }

        request.IsClosed = true;
        try
        {
            limiter.Leave(request, request.Tokens);
            budgets.Settle(request);
        }
        finally
        {
            // Whatever a fault of theirs is, the row must not be lost.
            Record(request);
        }
    }

    private void Record(GatewayRequest request)
    {
        if (Unpriced.Enabled && request.Cost is null)
        {
            Unpriced.Add(1, new KeyValuePair<string, object?>(TelemetryNames.RequestModel, request.Model));
        }

        if (IsRecorded(request))
        {
            request.Entry = LedgerEntry.Of(request, time.GetElapsedTime(request.StartedAt));
            ledger.Append(request.Entry);
        }
    }

    // Who is refused by a limit has asked nobody. They are counted (GET /stats), but a row for each would let a flood fill the disk.
    private bool IsRecorded(GatewayRequest request) =>
        request is not { Error.Status: StatusCodes.Status429TooManyRequests, Attempts: 0 } || ledger.IsOpen(request.Id);

    private static (long Input, long Output) MostTokens(GatewayRequest request)
    {
        var (input, output) = (0L, 0L);
        foreach (var target in request.Route!.Targets)
        {
            (input, output) = (Math.Max(input, request.Size.MostTokens(target.ContextWindow)), Math.Max(output, target.Pricing.MostOutput(request)));
        }

        return (input, output);
    }
}
