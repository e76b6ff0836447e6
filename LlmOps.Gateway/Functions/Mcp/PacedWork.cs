namespace LlmOps.Gateway.Functions.Mcp;

/// <summary>Work in the background, once at a time and with a pause after each: whoever asks meanwhile is served by one more. Thread-safe.</summary>
/// <param name="work">The work, which does not fail.</param>
/// <param name="pause">The pause.</param>
/// <param name="time">The clock.</param>
/// <param name="closed">Cancelled when there is to be no more of it.</param>
internal sealed class PacedWork(Func<Task> work, TimeSpan pause, TimeProvider time, CancellationToken closed)
{
    private readonly Lock _lock = new();
    private bool _isWanted;
    private bool _isRunning;

    /// <summary>Has it begin as soon as it may.</summary>
    public void Ask()
    {
        lock (_lock)
        {
            _isWanted = true;
            if (_isRunning)
            {
                return;
            }

            _isRunning = true;
        }

        _ = Task.Run(RunAsync, CancellationToken.None);
    }

    private async Task RunAsync()
    {
        while (IsWanted())
        {
            await work();
            await Task.Delay(pause, time, closed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool IsWanted()
    {
        lock (_lock)
        {
            var isWanted = _isWanted && !closed.IsCancellationRequested;
            (_isWanted, _isRunning) = (false, isWanted);
            return isWanted;
        }
    }
}
