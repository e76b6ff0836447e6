using System.Collections.Concurrent;
using System.Data.Common;
using System.Net.Sockets;
using Dapper;
using LlmOps.Gateway.Routing;
using Npgsql;

namespace LlmOps.Gateway.Storage;

/// <summary>
/// PostgreSQL. Nothing waits for it: it is connected to in the background, its tables are brought up to date there, and until
/// then, and whenever it is away, calls fail at once.
/// </summary>
internal sealed class PostgresDatabase : IDatabase, IAsyncDisposable
{
    /// <summary>What X-LlmOps-Degraded and /health call it.</summary>
    public const string DatabaseName = "postgresql";

    private readonly StorageOptions _options;
    private readonly BreakerOptions _breakerOptions;
    private readonly CircuitBreaker _breaker;
    private readonly TimeProvider _time;
    private readonly DatabaseListeners _listeners;
    private readonly DatabaseReport _report;
    private readonly PostgresLink _link;

    // Calls past their deadline, and since when: the server ends them at the same time, so that one that goes on has lost its connection.
    private readonly ConcurrentQueue<(Task Call, long Since)> _left = new();

    /// <summary>Begins to connect.</summary>
    public PostgresDatabase(NpgsqlConnectionStringBuilder server, StorageOptions options, TimeProvider time, ILogger<PostgresDatabase> logger)
    {
        (_options, _breakerOptions, _breaker, _time) = (options, options.Breaker.ToBreaker(), new CircuitBreaker(time), time);
        _listeners = new DatabaseListeners(logger);
        _report = new DatabaseReport($"PostgreSQL at {server.Host}", isDown: true, logger);
        _link = new PostgresLink(new PostgresPool(server, options), options.CallTimeout, _listeners, time, logger);
        _link.Start(Changed, BeatAsync);
    }

    /// <inheritdoc/>
    public string Name => DatabaseName;

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <summary>Why it cannot be asked; null while it can.</summary>
    public string? Fault => _link.Fault ?? (_breaker.Look(_breakerOptions).State == BreakerState.Closed ? null : "too many calls failed");

    /// <inheritdoc/>
    public async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken = default) =>
        await CallAsync(connection => read(connection), cancellationToken);

    /// <inheritdoc/>
    public async Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> write, string? channel = null, CancellationToken cancellationToken = default) =>
        await CallAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync();
                var result = await write(connection);
                if (channel is not null)
                {
                    await connection.ExecuteAsync($"SELECT pg_notify('{PostgresLink.Channel}', @channel)", new { channel });
                }

                await transaction.CommitAsync();
                return result;
            },
            cancellationToken);

    /// <inheritdoc/>
    public IDisposable Subscribe(string channel, Action changed) => _listeners.Add(channel, changed);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private Task<T> CallAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var source = _link.Source ?? throw new DatabaseException($"PostgreSQL cannot be asked: {_link.Fault ?? "it is stopping"}.");
        return _breaker.TryEnter(_breakerOptions) is { } pass
            ? CallAsync(source, work, pass, cancellationToken)
            : throw new DatabaseException("PostgreSQL cannot be asked: too many calls failed; it is left alone for a moment.");
    }

    private async Task<T> CallAsync<T>(NpgsqlDataSource source, Func<NpgsqlConnection, Task<T>> work, BreakerPass pass, CancellationToken cancellationToken)
    {
        bool? failed = null;
        var running = RunAsync(source, work);
        try
        {
            var result = await running.WithinAsync(_options.CallTimeout, _time, cancellationToken);
            failed = false;
            return result;
        }
        catch (DatabaseException exception)
        {
            failed = PostgresFaults.IsDown(exception);
            throw;
        }
        finally
        {
            Settle(pass, failed);
            if (!running.IsCompleted)
            {
                _left.Enqueue((running, _time.GetTimestamp()));
            }
        }
    }

    // Goes on to its end also when its caller has given it up; the server ends what takes too long.
    private async Task<T> RunAsync<T>(NpgsqlDataSource source, Func<NpgsqlConnection, Task<T>> work)
    {
        using var limit = new CancellationTokenSource(_options.CallTimeout, _time);
        try
        {
            await using var connection = await source.OpenConnectionAsync(limit.Token);
            return await work(connection);
        }
        catch (NpgsqlException exception)
        {
            throw PostgresFaults.ToDatabaseException(exception);
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested)
        {
            throw DatabaseException.Deadline(_options.CallTimeout, exception);
        }
        catch (Exception exception) when (exception is SocketException or IOException or TimeoutException or ObjectDisposedException)
        {
            // Also where the pool was given up meanwhile.
            throw new DatabaseException($"PostgreSQL cannot be asked: {PostgresFaults.Why(exception)}.", exception);
        }
    }

    private void Changed()
    {
        if (_link.Fault is null)
        {
            // Those of the pool before have nothing to do with this one.
            _left.Clear();
        }

        _report.Note(Fault);
    }

    private void Settle(BreakerPass pass, bool? failed)
    {
        if (failed is { } known)
        {
            if (_breaker.Settle(pass, known, slow: false, _breakerOptions))
            {
                _report.Note(Fault);
            }
        }
        else
        {
            // Its caller left, or failed by itself.
            _breaker.Abandon(pass);
        }
    }

    // With each sign of life: shows whether an open breaker may close, and whether connections hang though the server is well.
    private async Task BeatAsync()
    {
        if (_breaker.Look(_breakerOptions).State != BreakerState.Closed && _link.Source is { } source && _breaker.TryEnter(_breakerOptions) is { } pass)
        {
            try
            {
                await CallAsync(source, connection => connection.ExecuteScalarAsync<int>("SELECT 1"), pass, CancellationToken.None);
            }
            catch (DatabaseException)
            {
                // The breaker has noted it.
            }
        }

        while (_left.TryPeek(out var first) && (first.Call.IsCompleted || _time.GetElapsedTime(first.Since) > _options.CallTimeout))
        {
            _left.TryDequeue(out _);
            if (!first.Call.IsCompleted)
            {
                _left.Clear();
                throw new DatabaseException("Its connections hang.");
            }
        }
    }
}
