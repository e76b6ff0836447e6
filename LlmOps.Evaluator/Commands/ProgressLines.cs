using System.Globalization;
using LlmOps.Evaluator.Runs;
using Spectre.Console;

namespace LlmOps.Evaluator.Commands;

/// <summary>Shows how far a run is: a line that changes where somebody looks, and a line now and then where not.</summary>
/// <param name="console">Where it is shown.</param>
/// <param name="progress">How far it is.</param>
/// <param name="gate">What it has spent.</param>
/// <param name="time">The clock.</param>
internal sealed class ProgressLines(IAnsiConsole console, RunProgress progress, CallGate gate, TimeProvider time)
{
    private static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(10);

    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>Shows it until the run ends.</summary>
    public async Task<T> ShowAsync<T>(Task<T> run)
    {
        if (console.Profile.Capabilities.Interactive)
        {
            return await console.Progress().Columns(new ProgressBarColumn { Width = 16 }, new TaskDescriptionColumn { Alignment = Justify.Left }).StartAsync(async context =>
            {
                var bar = context.AddTask(Markup.Escape(Line()), maxValue: Math.Max(1, progress.Total));
                await UntilAsync(run, Fast, () =>
                {
                    bar.Value = progress.Done;
                    bar.Description = Markup.Escape(Line());
                });
                return await run;
            });
        }

        await UntilAsync(run, Slow, () => console.WriteLine(Line()));
        return await run;
    }

    /// <summary>How far it is, in one line.</summary>
    public string Line()
    {
        var (done, total, spent) = (progress.Done, progress.Total, gate.Spent);
        var seconds = time.GetElapsedTime(_startedAt).TotalSeconds;
        var rate = seconds > 0 ? done / seconds : 0;
        List<string> parts = [string.Create(CultureInfo.InvariantCulture, $"{done} of {total} answers, {rate:0.0}/s")];
        if (spent.Usd > 0 || spent.Unpriced > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"${spent.Usd:0.0000}{(spent.Unpriced > 0 ? $" and {spent.Unpriced} calls without a price" : "")}"));
        }

        if (progress.Failed > 0)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{progress.Failed} failed"));
        }

        if (done > 0 && done < total)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.FromSeconds(Math.Ceiling((total - done) / rate)):g} left"));
        }

        return string.Join(", ", parts);
    }

    private async Task UntilAsync(Task run, TimeSpan every, Action show)
    {
        using var ended = new CancellationTokenSource();
        var end = run.ContinueWith(_ => ended.Cancel(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        using var timer = new PeriodicTimer(every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ended.Token))
            {
                show();
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended.
        }

        await end;
        show();
    }
}
