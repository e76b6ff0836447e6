using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Routing;

/// <summary>
/// The calls of a request whose model hedges: when the first is late, the next target is asked beside it. The first
/// content wins; the other call is cancelled, and over before this returns. See "The Tail at Scale" (Dean and Barroso, 2013).
/// </summary>
/// <typeparam name="TCall">One call, from its attempt on; disposing it disposes the attempt.</typeparam>
/// <param name="run">The attempts of the request.</param>
/// <param name="time">The clock.</param>
/// <param name="open">Makes the call of an attempt: the call, and the task that ends with its first content.</param>
internal sealed class HedgedCall<TCall>(RouteRun run, TimeProvider time, Func<Attempt, (TCall Call, Task HasContent)> open)
    where TCall : IAsyncDisposable
{
    private readonly List<Running> _running = new(2);

    /// <summary>The call that had the first content.</summary>
    /// <exception cref="GatewayException">None of the targets could serve.</exception>
    public async Task<TCall> FirstAsync()
    {
        try
        {
            while (true)
            {
                Start(await run.NextAsync());
                if (await RaceAsync() is { } winner)
                {
                    return winner;
                }
            }
        }
        finally
        {
            // The caller has left, or the request is at fault: nobody wants what is still running.
            foreach (var running in _running)
            {
                running.Attempt.Limits.Cancel();
                await EndAsync(running);
            }
        }
    }

    // Null where all calls that were made have failed, and another may be.
    private async Task<TCall?> RaceAsync()
    {
        while (_running.Count > 0)
        {
            if (_running.Count == 1 && await IsLateAsync(_running[0]) && run.Hedge() is { } hedge)
            {
                Start(hedge);
            }

            await Task.WhenAny(_running.Select(running => running.HasContent));
            var place = _running.FindIndex(running => running.HasContent.IsCompleted);
            var first = _running[place];
            _running.RemoveAt(place);
            if (first.HasContent.IsCompletedSuccessfully)
            {
                await WinAsync(first);
                return first.Call;
            }

            await FailAsync(first, isHedge: place > 0);
            if (run.IsOver && place == 0)
            {
                // The one that would have been asked alone says that the request is at fault. A hedge may be wrong about that.
                break;
            }
        }

        return default;
    }

    private void Start(Attempt attempt)
    {
        try
        {
            var (call, hasContent) = open(attempt);
            _running.Add(new Running(attempt, call, hasContent));
        }
        catch
        {
            // Its place among the target's calls, and the breaker's leave, must not be lost with it.
            attempt.Dispose();
            throw;
        }
    }

    // Whether it still has no content when the time for it is over.
    private async Task<bool> IsLateAsync(Running running)
    {
        if (running.HasContent.IsCompleted)
        {
            return false;
        }

        using var ends = new CancellationTokenSource();
        var late = Task.Delay(run.HedgeAfter(running.Attempt), time, ends.Token);
        await Task.WhenAny(running.HasContent, late);
        ends.Cancel();
        return !running.HasContent.IsCompleted;
    }

    private async Task WinAsync(Running winner)
    {
        run.Request.Attempt = winner.Attempt;
        while (_running.Count > 0)
        {
            var loser = _running[^1];
            _running.RemoveAt(_running.Count - 1);
            loser.Attempt.Limits.Cancel();
            await loser.HasContent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (loser.HasContent.Exception?.InnerException is GatewayException failure)
            {
                // It had failed by itself, at the same moment.
                loser.Attempt.Failed(failure);
            }
            else
            {
                loser.Attempt.LoseTo(winner.Attempt);
            }

            await loser.Call.DisposeAsync();
        }
    }

    private async Task FailAsync(Running failed, bool isHedge)
    {
        try
        {
            await failed.HasContent;
        }
        catch (Exception exception) when (isHedge && exception is not GatewayException && !failed.Attempt.Limits.Expired)
        {
            // Its own fault, or the caller has left, which the one that still runs will say.
            failed.Attempt.Failed(exception);
        }
        catch (Exception exception)
        {
            run.GoOnAfter(failed.Attempt, exception, besideAnother: _running.Count > 0);
        }
        finally
        {
            await failed.Call.DisposeAsync();
        }
    }

    // How it ends is of no interest: nobody waits for it.
    private static async Task EndAsync(Running running)
    {
        await running.HasContent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await running.Call.DisposeAsync();
    }

    private sealed record Running(Attempt Attempt, TCall Call, Task HasContent);
}
