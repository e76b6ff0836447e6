using System.Data;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Gateway.Storage;

/// <summary>SQLite in the data folder. The file belongs to this process; one statement runs at a time, never on a request's thread.</summary>
internal sealed class SqliteDatabase : IDatabase, IDisposable
{
    /// <summary>What X-LlmOps-Degraded and /health call it.</summary>
    public const string DatabaseName = "sqlite";

    // Primary result codes of statements that are at fault themselves: an error in the SQL, a constraint, a value of a wrong type or size.
    // https://sqlite.org/rescode.html
    private const int Error = 1;
    private const int TooBig = 18;
    private const int Constraint = 19;
    private const int Mismatch = 20;
    private const int Range = 25;

    private readonly SqliteConnection _connection;
    private readonly TimeProvider _time;
    private readonly TimeSpan _callTimeout;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly DatabaseListeners _listeners;
    private readonly DatabaseReport _report;
    private volatile string? _fault;

    /// <summary>Opens it, and brings it to the form that this program knows.</summary>
    /// <param name="path">The file; null for a database in memory that ends with the process.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">How long to wait.</param>
    /// <param name="logger">The log.</param>
    /// <exception cref="SqliteException">It cannot be opened; <see cref="SqliteFile.IsHeld"/> where another process has it.</exception>
    /// <exception cref="DatabaseException">It is of a later program.</exception>
    public SqliteDatabase(string? path, TimeProvider time, StorageOptions? options = null, ILogger<SqliteDatabase>? logger = null)
    {
        (_time, _callTimeout) = (time, (options ?? new StorageOptions()).CallTimeout);
        _listeners = new DatabaseListeners(logger ?? NullLogger<SqliteDatabase>.Instance);
        _report = new DatabaseReport(path ?? "SQLite in memory", isDown: false, logger ?? NullLogger<SqliteDatabase>.Instance);
        _connection = SqliteFile.Open(path, isExclusive: true);
        try
        {
            TransactAsync(async connection =>
            {
                await Migrations.ApplyAsync(connection, time);
                return true;
            }).GetAwaiter().GetResult();
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Name => DatabaseName;

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <summary>Why the last call failed that was not at fault itself; null where it did not.</summary>
    public string? Fault => _fault;

    /// <inheritdoc/>
    public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken = default) => CallAsync(read, channel: null, cancellationToken);

    /// <inheritdoc/>
    public Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> write, string? channel = null, CancellationToken cancellationToken = default) =>
        CallAsync(_ => TransactAsync(write), channel, cancellationToken);

    /// <inheritdoc/>
    public IDisposable Subscribe(string channel, Action changed) => _listeners.Add(channel, changed);

    /// <inheritdoc/>
    public void Dispose()
    {
        // What is running ends first; whoever waits is told.
        _turn.Wait();
        _connection.Dispose();
        _turn.Release();
    }

    private async Task<T> CallAsync<T>(Func<DbConnection, Task<T>> work, string? channel, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var result = await TakeTurnAndTellAsync(work, channel, cancellationToken).WithinAsync(_callTimeout, _time, cancellationToken);
            Note(null);
            return result;
        }
        catch (DatabaseException exception)
        {
            Note(exception.IsRefused ? null : exception.Message.TrimEnd('.'));
            throw;
        }
    }

    // What was done after its deadline is a change as well: nobody else tells of it.
    private async Task<T> TakeTurnAndTellAsync<T>(Func<DbConnection, Task<T>> work, string? channel, CancellationToken cancellationToken)
    {
        var result = await TakeTurnAsync(work, cancellationToken);
        if (channel is not null)
        {
            _listeners.Tell(channel);
        }

        return result;
    }

    // Goes on to its end also when its caller has given it up.
    private async Task<T> TakeTurnAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_callTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await _turn.WaitAsync(either.Token);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw DatabaseException.Deadline(_callTimeout, exception);
        }

        try
        {
            if (_connection.State != ConnectionState.Open)
            {
                throw new DatabaseException("SQLite is closed.");
            }

            // SQLite's calls do not wait, they block.
            return await Task.Run(() => work(_connection), CancellationToken.None);
        }
        catch (SqliteException exception)
        {
            throw new DatabaseException($"SQLite failed with code {exception.SqliteExtendedErrorCode}.", exception)
            {
                IsRefused = exception.SqliteErrorCode is Error or TooBig or Constraint or Mismatch or Range,
            };
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<T> TransactAsync<T>(Func<DbConnection, Task<T>> write)
    {
        _connection.Execute("BEGIN IMMEDIATE");
        try
        {
            var result = await write(_connection);
            _connection.Execute("COMMIT");
            return result;
        }
        catch
        {
            // A full disk has rolled it back already.
            if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0)
            {
                _connection.Execute("ROLLBACK");
            }

            throw;
        }
    }

    private void Note(string? fault)
    {
        if (fault is not null || _fault is not null)
        {
            _fault = fault;
            _report.Note(fault);
        }
    }
}
