using LlmOps.Gateway.Access;
using LlmOps.Gateway.Caching.Coalescing;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Functions.Kept;

/// <summary>
/// Makes a call that its caller has approved at most once, however often and wherever the approval arrives: who comes meanwhile
/// waits for the result, and who comes later is given it. A call that was begun and of which no result is known is not made again;
/// one that could not begin may be approved again.
/// </summary>
internal sealed class ApprovedCalls(CallStates states, ToolRunner runner, AuditLog audit, TimeProvider time)
{
    private static readonly ToolResult Refused = new("The user has refused this call. It was not made.", IsError: true);
    private static readonly ToolResult Past = new("This call was not made when it was approved, or what came of it is not known any more. It is not made now.", IsError: true);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    // The clocks of replicas may differ by so much.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>What came of a call that its caller has decided on; it is made now where that is approved and it was not made before.</summary>
    /// <param name="decision">The decision; the first one counts.</param>
    /// <param name="request">The request that has it.</param>
    /// <param name="cancellationToken">Cancelled when nobody waits for it any more.</param>
    /// <exception cref="OperationCanceledException">Nobody waits for it any more.</exception>
    /// <exception cref="GatewayException">The request's time is over; or 503: nobody can say whether it was made before.</exception>
    public async Task<ToolResult> DecideAsync(KeptDecision decision, GatewayRequest request, CancellationToken cancellationToken)
    {
        using var limit = new CallerLimit(request, time, cancellationToken);
        try
        {
            return await DecideWithinAsync(decision, request, limit.Token);
        }
        catch (OperationCanceledException exception)
        {
            throw limit.Told(exception);
        }
    }

    private async Task<ToolResult> DecideWithinAsync(KeptDecision decision, GatewayRequest request, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + (request.Timeout - time.GetElapsedTime(request.StartedAt)) + Grace;
        var mine = decision.IsApproved ? CallState.Begun(until) : CallState.Over(Refused);
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            if (await states.FindOrPutAsync(decision, decision.IsPast ? null : mine, request) is not { } held)
            {
                return decision.IsPast ? decision.IsApproved ? Past : Refused : await TakeAsync(decision, mine, request, cancellationToken);
            }

            if (held.ResultAt(time.GetUtcNow()) is { } result)
            {
                return result;
            }

            await Task.Delay(pause, time, cancellationToken);
        }
    }

    private async Task<ToolResult> TakeAsync(KeptDecision decision, CallState mine, GatewayRequest request, CancellationToken cancellationToken)
    {
        audit.Decided(request.Principal, decision.IsApproved, decision.Id.ToString(), decision.Call.Name);
        return decision.IsApproved ? await MakeAsync(decision, mine, request, cancellationToken) : Refused;
    }

    private async Task<ToolResult> MakeAsync(KeptDecision decision, CallState mine, GatewayRequest request, CancellationToken cancellationToken)
    {
        var (call, found) = (decision.Call, request.Tools?.Find(decision.Call.Name));
        if (found is not null && found.Origin != call.Origin)
        {
            // What was approved is what another tool was called then.
            await states.RemoveAsync(decision, mine);
            return new ToolResult($"{call.Name} was not called: it is not the tool any more that was approved.", IsError: true);
        }

        var watched = found is null ? null : new WatchedTool(found);
        var end = CallState.BrokenOff;
        try
        {
            var results = await runner.RunAsync(
                [new ToolCall(call.Id, call.Name, call.Arguments!)], watched is null ? [] : new Dictionary<string, ServerTool> { [call.Name] = watched.Tool }, request, cancellationToken);
            end = CallState.Over(results[0]);
            return results[0];
        }
        finally
        {
            // Also where its caller has left: whoever comes back must learn of it.
            if (watched is { IsBegun: true })
            {
                await states.EndAsync(decision, end, request);
            }
            else
            {
                await states.RemoveAsync(decision, mine);
            }
        }
    }
}
