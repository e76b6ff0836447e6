using System.Diagnostics;

namespace LlmOps.Benchmarks.Load.Scenarios;

/// <summary>How long the callers themselves were kept from running: what others took of the machine, at least.</summary>
internal sealed class StallWatch
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest so far.</summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>Watches until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Tick);
        for (var last = Stopwatch.GetTimestamp(); await timer.WaitForNextTickAsync(cancellationToken); last = Stopwatch.GetTimestamp())
        {
            var late = Stopwatch.GetElapsedTime(last) - Tick;
            Longest = late > Longest ? late : Longest;
        }
    }
}
