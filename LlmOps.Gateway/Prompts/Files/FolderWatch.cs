namespace LlmOps.Gateway.Prompts.Files;

/// <summary>
/// Has a folder looked at soon after something in it has changed, and regularly, as not every change is told: of a folder that is
/// not there yet, or a mount that tells of none.
/// </summary>
internal sealed partial class FolderWatch : IDisposable
{
    // A hundred files or so are listed.
    private static readonly TimeSpan Regularly = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollingOnly = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Func<Task<bool>> _look;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeSpan _rest = Environment.GetEnvironmentVariable("DOTNET_USE_POLLING_FILE_WATCHER") is "1" or "true" ? PollingOnly : Regularly;
    private FileSystemWatcher? _watcher;
    private Task _watching = Task.CompletedTask;

    /// <summary>Watches a folder, once started.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="time">The clock.</param>
    /// <param name="look">Looks at it; false where it is to be looked at again soon.</param>
    /// <param name="logger">The log.</param>
    public FolderWatch(string path, TimeProvider time, Func<Task<bool>> look, ILogger logger) => (_path, _time, _look, _logger) = (path, time, look, logger);

    /// <summary>Begins.</summary>
    public void Start() => _watching = WatchAsync();

    /// <summary>Ends; again, it does nothing.</summary>
    public async Task StopAsync()
    {
        if (!_stopping.IsCancellationRequested)
        {
            await _stopping.CancelAsync();
        }

        await _watching;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watcher?.Dispose();
        _stopping.Dispose();
        _changed.Dispose();
    }

    private async Task WatchAsync()
    {
        var isSettled = true;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Listen();
                await WaitAsync(isSettled ? _rest : PromptFolder.Settling);
                isSettled = await _look();
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // The end.
            }
            catch (Exception exception)
            {
                // It must not end: the next look is a new one.
                LogFailed(exception, _path);
                isSettled = true;
            }
        }
    }

    // Until something changes, or a time is over.
    private async Task WaitAsync(TimeSpan longest)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var changed = _changed.WaitAsync(either.Token);
        await Task.WhenAny(changed, Task.Delay(longest, _time, either.Token));
        await either.CancelAsync();
        await changed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Token.ThrowIfCancellationRequested();
    }

    private void Listen()
    {
        if (_watcher is not null || !Directory.Exists(_path))
        {
            return;
        }

        _watcher = new FileSystemWatcher(_path) { IncludeSubdirectories = true, NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size };
        _watcher.Created += (_, _) => Wake();
        _watcher.Changed += (_, _) => Wake();
        _watcher.Deleted += (_, _) => Wake();
        _watcher.Renamed += (_, _) => Wake();

        // The folder itself may be gone, and come back as another one.
        _watcher.Error += (_, _) => Interlocked.Exchange(ref _watcher, null)?.Dispose();
        _watcher.EnableRaisingEvents = true;
    }

    private void Wake()
    {
        try
        {
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
        catch (Exception exception) when (exception is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody else has, or it is over.
        }
    }

    [LoggerMessage(LogLevel.Error, "The prompts folder {Path} could not be looked at; it is tried again.")]
    private partial void LogFailed(Exception exception, string path);
}
