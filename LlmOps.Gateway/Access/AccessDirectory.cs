using System.Data.Common;
using System.Text.Json;
using System.Threading.Channels;
using LlmOps.Gateway.Access.Known;
using LlmOps.Gateway.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LlmOps.Gateway.Access;

/// <summary>
/// Knows everyone who may ask, from memory: what the database has is read at the start, after each change by any replica, and
/// now and then in case a word of one was lost. Without the database the last that was read goes on.
/// </summary>
internal sealed partial class AccessDirectory : IHostedService, IHealthCheck, IDisposable
{
    private const string Channel = "llmops_access";

    // In the log.
    private const int MostNamed = 20;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(1);

    // For a shared database.
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(1);

    private readonly IDatabase _database;
    private readonly FirstAdministrator _administrator;
    private readonly TimeProvider _time;
    private readonly ILogger<AccessDirectory> _logger;
    private readonly AccessFile? _file;
    private readonly Channel<bool> _wakened = System.Threading.Channels.Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly TaskCompletionSource _firstReading = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly ITimer _timer;
    private readonly IDisposable _subscription;
    private volatile AccessSnapshot _current = AccessSnapshot.Empty;
    private volatile string? _fault;
    private DateTimeOffset? _readAt;
    private bool _isPrepared;
    private bool _isToldAway;
    private volatile bool _hasStarted;
    private bool _fileFailed;
    private Task _following = Task.CompletedTask;

    public AccessDirectory(IDatabase database, DataFolder folder, FirstAdministrator administrator, TimeProvider time, ILogger<AccessDirectory> logger)
    {
        _database = database;
        _administrator = administrator;
        _time = time;
        _logger = logger;
        _file = database.IsShared ? new AccessFile(Path.Combine(folder.Path, "access.json")) : null;
        _timer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _subscription = database.Subscribe(Channel, Wake);
    }

    /// <summary>Who is known now.</summary>
    public AccessSnapshot Current => _current;

    /// <summary>The database that cannot be asked, so that a change by others may not be known here; null while all is well.</summary>
    public string? Missing => _fault is null ? null : _database.Name;

    /// <summary>Changes what is known, in one transaction: known here when this returns, and on all replicas soon after.</summary>
    /// <param name="change">Runs its statements on the connection; no other change runs beside it.</param>
    /// <param name="cancellationToken">Gives it up; it may be done all the same.</param>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public async Task<T> ChangeAsync<T>(Func<DbConnection, Task<T>> change, CancellationToken cancellationToken = default)
    {
        if (_readAt is null)
        {
            await LoadAsync();
            _ = _readAt ?? throw new DatabaseException(_fault!);
        }

        var result = await _database.WriteAsync(
            async connection =>
            {
                await AccessSettings.ChangeVersionAsync(connection);
                return await change(connection);
            },
            Channel,
            cancellationToken);
        await LoadAsync();
        return result;
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_database.IsShared)
        {
            // It is connected to in the background; this is woken when it can be asked.
            _following = FollowAsync();
            Wake();
            await _firstReading.Task.WaitAsync(LongestStart, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ReadFile();
        }
        else
        {
            await LoadAsync();
            _following = FollowAsync();
        }

        _hasStarted = true;
        TellIfAway();
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _wakened.Writer.TryComplete();
        await _following;
    }

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((_fault, _current.Version) switch
        {
            (null, _) when _current.Unreadable is { Count: > 0 } unreadable => HealthCheckResult.Degraded($"{unreadable.Count} of the keys, users, teams and tenants cannot be understood, and do not hold; the log names them"),
            (null, _) => HealthCheckResult.Healthy("keys and users are known"),
            ({ } fault, null) => HealthCheckResult.Degraded($"no key is known: {fault}"),
            ({ } fault, _) => HealthCheckResult.Degraded($"keys and users as they were {(_readAt is { } at ? $"at {at:u}" : "when their copy was written")}: {fault}"),
        });

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

    // Loads follow each other, so that an earlier reading never replaces a later one.
    private async Task LoadAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (!_isPrepared)
            {
                await _administrator.PrepareAsync(_database);
                await _database.WriteAsync(PrepareAsync, Channel);
                _administrator.Prepared();
                _isPrepared = true;
            }

            if (await _database.ReadAsync(connection => AccessRows.ReadAsync(connection, _readAt is null ? null : _current.Version, _time.GetUtcNow())) is { } rows)
            {
                var known = new AccessSnapshot(rows);
                _current = known;
                WriteFile(rows);
                if (known.Unreadable.Count > 0)
                {
                    LogUnreadable(_database.Name, string.Join(", ", known.Unreadable.Take(MostNamed)), known.Unreadable.Count);
                }
            }

            _readAt = _time.GetUtcNow();
            _fault = null;
            _firstReading.TrySetResult();
            if (Interlocked.Exchange(ref _isToldAway, false))
            {
                LogBack(_database.Name);
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
                LogNotUnderstood(exception, _database.Name);
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

    private async Task<bool> PrepareAsync(DbConnection connection)
    {
        await AccessSettings.PrepareAsync(connection);
        if (await _administrator.MakeAsync(connection))
        {
            await AccessSettings.ChangeVersionAsync(connection);
        }

        return true;
    }

    // Not while it starts: that a database is not connected to yet is no failure.
    private void TellIfAway()
    {
        if (_hasStarted && _fault is { } fault && !Interlocked.Exchange(ref _isToldAway, true))
        {
            LogAway(_database.Name, fault, _current.Keys.Count);
        }
    }

    private void ReadFile()
    {
        try
        {
            if (_current.Version is null && _file?.Read() is { } rows)
            {
                // A reading that has come meanwhile is the better one.
                Interlocked.CompareExchange(ref _current, new AccessSnapshot(rows), AccessSnapshot.Empty);
                LogFromFile(_file.Path, rows.Keys.Count);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            LogFileUnreadable(exception, _file!.Path);
        }
    }

    private void WriteFile(AccessRows rows)
    {
        try
        {
            _file?.Write(rows);
            _fileFailed = false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (!_fileFailed)
            {
                LogFileNotWritten(exception, _file!.Path);
            }

            _fileFailed = true;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Keys and users cannot be read from {Database} ({Reason}); the {Keys} keys that are known go on, changes by other replicas are not seen.")]
    private partial void LogAway(string database, string reason, int keys);

    [LoggerMessage(LogLevel.Error, "{Count} rows of {Database} cannot be understood, so that they do not hold, nor the keys of such a user, team or tenant: {Names}.")]
    private partial void LogUnreadable(string database, string names, int count);

    [LoggerMessage(LogLevel.Error, "What {Database} says of keys and users cannot be understood.")]
    private partial void LogNotUnderstood(Exception exception, string database);

    [LoggerMessage(LogLevel.Information, "Keys and users are read from {Database} again.")]
    private partial void LogBack(string database);

    [LoggerMessage(LogLevel.Information, "Keys and users were read from the copy {Path}: {Keys} keys.")]
    private partial void LogFromFile(string path, int keys);

    [LoggerMessage(LogLevel.Warning, "The copy of keys and users {Path} cannot be read.")]
    private partial void LogFileUnreadable(Exception exception, string path);

    [LoggerMessage(LogLevel.Warning, "The copy of keys and users {Path} cannot be written; a restart without the database would know an earlier one, or none.")]
    private partial void LogFileNotWritten(Exception exception, string path);
}
