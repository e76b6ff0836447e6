namespace LlmOps.Tests;

/// <summary>Waits for what only asking again can show.</summary>
internal static class Conditions
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns as soon as the condition holds.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Deadline, TimeProvider.System);
        while (!await condition())
        {
            await Task.Delay(Pause, TimeProvider.System, limit.Token);
        }
    }
}
