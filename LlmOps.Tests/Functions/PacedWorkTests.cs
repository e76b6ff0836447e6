using System.Collections.Concurrent;
using LlmOps.Gateway.Functions.Mcp;

namespace LlmOps.Tests.Functions;

/// <summary>Work that asks for more of itself does not keep a processor busy.</summary>
public sealed class PacedWorkTests
{
    [Fact]
    public async Task WorkThatIsAlwaysWanted_HasAPauseAfterEach()
    {
        var time = new ManualTime();
        var begun = new ConcurrentQueue<TimeSpan>();
        PacedWork? work = null;
        using var closed = new CancellationTokenSource();
        work = new PacedWork(
            () =>
            {
                begun.Enqueue(time.GetElapsedTime(0));
                work!.Ask();
                return Task.CompletedTask;
            },
            TimeSpan.FromSeconds(1), time, closed.Token);

        work.Ask();
        await Conditions.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult(begun.Count >= 3);
        });
        await closed.CancelAsync();

        begun.Zip(begun.Skip(1), (one, next) => next - one).ShouldAllBe(pause => pause >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task AskedMeanwhile_IsDoneOnceMore()
    {
        var (time, runs) = (new ManualTime(), 0);
        var (begun, end) = (new TaskCompletionSource(), new TaskCompletionSource());
        var work = new PacedWork(
            async () =>
            {
                Interlocked.Increment(ref runs);
                begun.TrySetResult();
                await end.Task;
            },
            TimeSpan.FromSeconds(1), time, CancellationToken.None);
        work.Ask();
        await begun.Task;

        work.Ask();
        work.Ask();
        end.SetResult();
        await Conditions.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(Volatile.Read(ref runs) >= 2);
        });

        runs.ShouldBe(2);
    }
}
