namespace LlmOps.Tests;

/// <summary>Something a fake waits for until the test lets it go on, at the latest when the test ends.</summary>
internal sealed class Gate : IDisposable
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Opened => _opened.Task;

    public void Open() => _opened.TrySetResult();

    public void Dispose() => Open();
}
