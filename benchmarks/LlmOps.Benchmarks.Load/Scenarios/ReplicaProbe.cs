using System.Diagnostics;
using LlmOps.Benchmarks.Load.Loads;
using LlmOps.Benchmarks.Load.Subjects;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>Whether replicas share answers: what the one was given by the provider, the other has to find in Redis.</summary>
/// <param name="first">Who asks the provider; nobody else asks it anything.</param>
/// <param name="second">Who is asked the same then; the one under load.</param>
internal sealed class ReplicaProbe(RunningSubject first, RunningSubject second) : IDisposable
{
    // An answer is kept in Redis when its caller has it already.
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    private readonly Caller _first = new(first.Port);
    private readonly Caller _second = new(second.Port);

    /// <summary>What went wrong with its own requests.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Asks until an answer is shared, and returns how long that took; null where it was not in time.</summary>
    public async Task<TimeSpan?> SharesAsync(long since, TimeSpan longest, CancellationToken cancellationToken)
    {
        while (Stopwatch.GetElapsedTime(since) < longest)
        {
            var question = RedisLoad.NewQuestion();
            await AskAsync(_first, first, question, cancellationToken);
            await Task.Delay(Glance, cancellationToken);
            await AskAsync(_second, second, question, cancellationToken);
            if (_second.Response?.CacheStatus == "hit-redis")
            {
                return Stopwatch.GetElapsedTime(since);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    private async Task AskAsync(Caller caller, RunningSubject gateway, int question, CancellationToken cancellationToken)
    {
        if (await RedisLoad.AskAsync(caller, gateway, question, cancellationToken) is { } fault)
        {
            Failures.Add(fault);
        }
    }
}
