namespace LlmOps.Tests.Fakes;

/// <summary>The one generous deadline of every wait in the tests: it only ever passes when the awaited thing never comes.</summary>
internal static class Deadline
{
    public static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    /// <summary>Awaits <paramref name="task"/>, or fails with a <see cref="TimeoutException"/> that says what was missing.</summary>
    public static async Task WithinDeadlineAsync(this Task task, string what)
    {
        try
        {
            await task.WaitAsync(Generous, TimeProvider.System);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Waited {Generous.TotalSeconds} s in vain for: {what}");
        }
    }

    /// <inheritdoc cref="WithinDeadlineAsync(Task, string)"/>
    public static async Task<T> WithinDeadlineAsync<T>(this Task<T> task, string what)
    {
        await WithinDeadlineAsync((Task)task, what);
        return await task;
    }
}
