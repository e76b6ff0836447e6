namespace LlmOps.Tests.Evaluator.Publishing;

/// <summary>Lets the time pass that something waits for.</summary>
internal static class PassingTime
{
    /// <summary>Moves the clock on, second by second, until a task is done.</summary>
    public static async Task UntilAsync(this ManualTime time, Task task)
    {
        await Conditions.HoldsAsync(() =>
        {
            if (!task.IsCompleted)
            {
                time.Advance(TimeSpan.FromSeconds(1));
            }

            return Task.FromResult(task.IsCompleted);
        });
        await task;
    }
}
