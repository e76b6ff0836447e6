using System.Collections.Concurrent;
using System.Diagnostics;
using LlmOps.Benchmarks.Load.Loads;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>Asks at a fixed rate, whether or not earlier requests are answered.</summary>
/// <param name="port">Who is asked.</param>
/// <param name="rate">Requests a second.</param>
/// <param name="ask">Asks for the request of a number, from 1; the token is cancelled where it is never answered.</param>
internal sealed class SteadyLoad<TAnswer>(int port, int rate, Func<Caller, int, CancellationToken, Task<TAnswer>> ask) : IDisposable
{
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(30);

    private readonly ConcurrentBag<Caller> _idle = [];
    private readonly StallWatch _stalls = new();
    private int _number;

    /// <summary>The longest that the callers themselves were kept from running.</summary>
    public TimeSpan LongestStall => _stalls.Longest;

    /// <summary>Asks until it is over, and waits for what is still to be answered.</summary>
    public async Task<TAnswer[]> RunAsync(CancellationToken over, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var watched = CancellationTokenSource.CreateLinkedTokenSource(over, cancellationToken);
        var stalls = _stalls.RunAsync(watched.Token);
        List<Task<TAnswer>> asked = [];
        for (var begun = Stopwatch.GetTimestamp(); !watched.IsCancellationRequested;)
        {
            while (asked.Count <= Stopwatch.GetElapsedTime(begun).TotalSeconds * rate)
            {
                asked.Add(AskAsync(++_number, limit.Token));
            }

            await Task.Delay(1, cancellationToken);
        }

        limit.CancelAfter(LongestAnswer);
        var answers = await Task.WhenAll(asked);
        await stalls.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return answers;
    }

    /// <summary>The same, for some time.</summary>
    public async Task<TAnswer[]> RunAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        using var end = new CancellationTokenSource(time);
        return await RunAsync(end.Token, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var caller in _idle)
        {
            caller.Dispose();
        }
    }

    private async Task<TAnswer> AskAsync(int number, CancellationToken limit)
    {
        var caller = _idle.TryTake(out var idle) ? idle : new Caller(port);
        var answer = await ask(caller, number, limit);
        _idle.Add(caller);
        return answer;
    }
}
