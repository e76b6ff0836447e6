using System.Data.Common;
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
    private const string What = "Keys and users";

    // In the log.
    private const int MostNamed = 20;

    private readonly IDatabase _database;
    private readonly FirstAdministrator _administrator;
    private readonly TimeProvider _time;
    private readonly ILogger<AccessDirectory> _logger;
    private readonly CopyFile<AccessRows>? _file;
    private readonly DatabaseCopy _copy;
    private volatile AccessSnapshot _current = AccessSnapshot.Empty;
    private bool _isPrepared;

    public AccessDirectory(IDatabase database, DataFolder folder, FirstAdministrator administrator, TimeProvider time, ILogger<AccessDirectory> logger)
    {
        _database = database;
        _administrator = administrator;
        _time = time;
        _logger = logger;
        _file = database.IsShared ? new CopyFile<AccessRows>(Path.Combine(folder.Path, "access.json"), What, AccessJson.Default.AccessRows, logger) : null;
        _copy = new DatabaseCopy(database, Channel, What, ReadAsync, time, logger);
    }

    /// <summary>Who is known now.</summary>
    public AccessSnapshot Current => _current;

    /// <summary>The database that cannot be asked, so that a change by others may not be known here; null while all is well.</summary>
    public string? Missing => _copy.Fault is null ? null : _database.Name;

    /// <summary>Changes what is known, in one transaction: known here when this returns, and on all replicas soon after.</summary>
    /// <param name="change">Runs its statements on the connection; no other change runs beside it.</param>
    /// <param name="cancellationToken">Gives it up; it may be done all the same.</param>
    /// <exception cref="DatabaseException">The database cannot be asked.</exception>
    public async Task<T> ChangeAsync<T>(Func<DbConnection, Task<T>> change, CancellationToken cancellationToken = default)
    {
        await _copy.EnsureReadAsync();
        var result = await _database.WriteAsync(
            async connection =>
            {
                await SettingsTable.ChangeVersionAsync(connection, AccessSettings.Version);
                return await change(connection);
            },
            Channel,
            cancellationToken);
        await _copy.LoadAsync();
        return result;
    }

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _copy.StartAsync(cancellationToken);
        if (_current.Version is null && _file?.Read(rows => new AccessSnapshot(rows)) is { } known)
        {
            // A reading that has come meanwhile is the better one.
            Interlocked.CompareExchange(ref _current, known, AccessSnapshot.Empty);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _copy.StopAsync();

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult((_copy.Fault, _current.Version) switch
        {
            (null, _) when _current.Unreadable is { Count: > 0 } unreadable => HealthCheckResult.Degraded($"{unreadable.Count} of the keys, users, teams and tenants cannot be understood, and do not hold; the log names them"),
            (null, _) => HealthCheckResult.Healthy("keys and users are known"),
            ({ } fault, null) => HealthCheckResult.Degraded($"no key is known: {fault}"),
            ({ } fault, _) => HealthCheckResult.Degraded($"keys and users as they were {(_copy.ReadAt is { } at ? $"at {at:u}" : "when their copy was written")}: {fault}"),
        });

    /// <inheritdoc/>
    public void Dispose() => _copy.Dispose();

    private async Task ReadAsync()
    {
        if (!_isPrepared)
        {
            await _administrator.PrepareAsync(_database);
            await _database.WriteAsync(PrepareAsync, Channel);
            _administrator.Prepared();
            _isPrepared = true;
        }

        if (await _database.ReadAsync(connection => AccessRows.ReadAsync(connection, _copy.ReadAt is null ? null : _current.Version, _time.GetUtcNow())) is not { } rows)
        {
            return;
        }

        var known = new AccessSnapshot(rows);
        _current = known;
        _file?.Write(rows);
        if (known.Unreadable.Count > 0)
        {
            LogUnreadable(_database.Name, string.Join(", ", known.Unreadable.Take(MostNamed)), known.Unreadable.Count);
        }
    }

    private async Task<bool> PrepareAsync(DbConnection connection)
    {
        await AccessSettings.PrepareAsync(connection);
        if (await _administrator.MakeAsync(connection))
        {
            await SettingsTable.ChangeVersionAsync(connection, AccessSettings.Version);
        }

        return true;
    }

    [LoggerMessage(LogLevel.Error, "{Count} rows of {Database} cannot be understood, so that they do not hold, nor the keys of such a user, team or tenant: {Names}.")]
    private partial void LogUnreadable(string database, string names, int count);
}
