using System.Threading.Channels;

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
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stop;
    private readonly TimeSpan _rest = Environment.GetEnvironmentVariable("DOTNET_USE_POLLING_FILE_WATCHER") is "1" or "true" ? PollingOnly : Regularly;
    private FileSystemWatcher? _watcher;
    private Task _watching = Task.CompletedTask;

    /// <summary>Watches a folder, once started.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="time">The clock.</param>
    /// <param name="look">Looks at it; false where it is to be looked at again soon.</param>
    /// <param name="logger">The log.</param>
    public FolderWatch(string path, TimeProvider time, Func<Task<bool>> look, ILogger logger) => (_path, _time, _look, _logger, _stop) = (path, time, look, logger, _stopping.Token);

    /// <summary>Begins.</summary>
    public void Start() => _watching = WatchAsync();

    /// <summary>Ends; again, it does nothing.</summary>
    public async Task StopAsync()
    {
        if (!_stop.IsCancellationRequested)
        {
            await _stopping.CancelAsync();
        }

        await _watching;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Where the start of the host has failed, nobody has stopped it.
        if (!_stop.IsCancellationRequested)
        {
            _stopping.Cancel();
        }

        _watcher?.Dispose();
        _stopping.Dispose();
    }

    private async Task WatchAsync()
    {
        var isSettled = true;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Listen();
                await WaitAsync(isSettled ? _rest : PromptFolder.Settling);
                isSettled = await _look();
            }
            catch (Exception) when (_stop.IsCancellationRequested)
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
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        Task changed = _changes.Reader.ReadAsync(either.Token).AsTask();
        await Task.WhenAny(changed, Task.Delay(longest, _time, either.Token));
        await either.CancelAsync();
        await changed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.ThrowIfCancellationRequested();
    }

    private void Listen()
    {
        if (!Directory.Exists(_path))
        {
            // What watched it hears nothing of the one that comes in its place.
            Interlocked.Exchange(ref _watcher, null)?.Dispose();
            return;
        }

        if (_watcher is not null)
        {
            return;
        }

        var watcher = new FileSystemWatcher(_path) { IncludeSubdirectories = true, NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size };
        watcher.Created += (_, _) => _changes.Writer.TryWrite(true);
        watcher.Changed += (_, _) => _changes.Writer.TryWrite(true);
        watcher.Deleted += (_, _) => _changes.Writer.TryWrite(true);
        watcher.Renamed += (_, _) => _changes.Writer.TryWrite(true);

        // The folder itself may be gone, and come back as another one.
        watcher.Error += (_, _) => Interlocked.Exchange(ref _watcher, null)?.Dispose();
        watcher.EnableRaisingEvents = true;
        _watcher = watcher;
    }

    [LoggerMessage(LogLevel.Error, "The prompts folder {Path} could not be looked at; it is tried again.")]
    private partial void LogFailed(Exception exception, string path);
}
