using System.Threading.Channels;

namespace LlmOps.Gateway.Storage;

/// <summary>
/// Keeps what this process knows of a part of the database up to date: it is read at the start, after each change by any
/// replica, and now and then in case a word of one was lost. Without the database the last that was read goes on.
/// </summary>
internal sealed partial class DatabaseCopy : IDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(1);

    // For a shared database.
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(1);

    private readonly IDatabase _database;
    private readonly string _what;
    private readonly Func<Task> _read;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<bool> _wakened = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TaskCompletionSource _firstReading = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ITimer _timer;
    private readonly IDisposable _subscription;
    private volatile string? _fault;
    private volatile bool _hasStarted;
    private bool _isToldAway;
    private Task _following = Task.CompletedTask;

    /// <summary>Begins to listen.</summary>
    /// <param name="database">The database.</param>
    /// <param name="channel">The channel that changes are told on.</param>
    /// <param name="what">What it is a copy of, in the plural, as the log names it.</param>
    /// <param name="read">Reads, and takes in what was read; never called twice at a time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public DatabaseCopy(IDatabase database, string channel, string what, Func<Task> read, TimeProvider time, ILogger logger)
    {
        (_database, _what, _read, _time, _logger) = (database, what, read, time, logger);
        _timer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _subscription = database.Subscribe(channel, Wake);
    }

    /// <summary>Why it could not be read the last time; null where it could.</summary>
    public string? Fault => _fault;

    /// <summary>When it was read; null where it never was.</summary>
    public DateTimeOffset? ReadAt { get; private set; }

    /// <summary>Reads it for the first time. A shared database, which is connected to in the background, is waited for a moment.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_database.IsShared)
        {
            _following = FollowAsync();
            Wake();
            await _firstReading.Task.WaitAsync(LongestStart, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        else
        {
            await LoadAsync();
            _following = FollowAsync();
        }

        _hasStarted = true;
        TellIfAway();
    }

    /// <summary>Reads it no more.</summary>
    public async Task StopAsync()
    {
        _wakened.Writer.TryComplete();
        await _following;
    }

    /// <summary>Reads it now. Readings follow each other, so that an earlier one never replaces a later one.</summary>
    public async Task LoadAsync()
    {
        await _turn.WaitAsync();
        try
        {
            await _read();
            ReadAt = _time.GetUtcNow();
            _fault = null;
            _firstReading.TrySetResult();
            if (Interlocked.Exchange(ref _isToldAway, false))
            {
                LogBack(_what, _database.Name);
            }
        }
        catch (DatabaseException exception)
        {
            _fault = exception.Message;
            TellIfAway();
        }
        catch (Exception exception)
        {
            // Whatever it is, the last that was read goes on, and it is tried again.
            if (_fault is null || !_hasStarted)
            {
                LogNotUnderstood(exception, _what, _database.Name);
            }

            _fault = $"What was read cannot be understood ({exception.GetType().Name}).";
            TellIfAway();
        }
        finally
        {
            _timer.Change(_fault is null ? Rest : RestAfterFailure, Timeout.InfiniteTimeSpan);
            _turn.Release();
        }
    }

    /// <summary>Makes sure that it was read once, as a change needs to know what is there.</summary>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public async Task EnsureReadAsync()
    {
        if (ReadAt is null)
        {
            await LoadAsync();
            _ = ReadAt ?? throw new DatabaseException(_fault!);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _subscription.Dispose();
        _timer.Dispose();
    }

    private void Wake() => _wakened.Writer.TryWrite(true);

    private async Task FollowAsync()
    {
        await foreach (var _ in _wakened.Reader.ReadAllAsync())
        {
            await LoadAsync();
        }
    }

    // Not while it starts: that a database is not connected to yet is no failure.
    private void TellIfAway()
    {
        if (_hasStarted && _fault is { } fault && !Interlocked.Exchange(ref _isToldAway, true))
        {
            LogAway(_what, _database.Name, fault);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{What} cannot be read from {Database} ({Reason}); those that are known go on, changes by other replicas are not seen.")]
    private partial void LogAway(string what, string database, string reason);

    [LoggerMessage(LogLevel.Error, "What {Database} says of {What} cannot be understood.")]
    private partial void LogNotUnderstood(Exception exception, string what, string database);

    [LoggerMessage(LogLevel.Information, "{What} are read from {Database} again.")]
    private partial void LogBack(string what, string database);
}
