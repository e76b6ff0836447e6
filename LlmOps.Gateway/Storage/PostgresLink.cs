using System.Net.Sockets;
using Dapper;
using Npgsql;

namespace LlmOps.Gateway.Storage;

/// <summary>
/// The connection that is always there: over it the tables are brought up to date, changes are heard, and a sign of life is asked
/// for each second. When it ends it is made anew, and with it the pool that calls take theirs from: those to a server that is
/// gone would hold their places for long.
/// </summary>
/// <param name="pool">Makes the pools.</param>
/// <param name="callTimeout">Longest wait for a statement.</param>
/// <param name="listeners">Who is told of changes.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class PostgresLink(PostgresPool pool, TimeSpan callTimeout, DatabaseListeners listeners, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>The one channel of the server that is listened to; what is sent over it is the name of that which has changed.</summary>
    public const string Channel = "llmops";

    // Any number, so that it is the same in all versions: the lock under which one process at a time changes the tables.
    private const long MigrationLock = 0x6C6C6D6F7073;

    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    // An index on a large ledger takes minutes; so does the wait for the process that makes it.
    private static readonly TimeSpan LongestMigration = TimeSpan.FromMinutes(30);

    private readonly CancellationTokenSource _stopping = new();
    private Task _keeping = Task.CompletedTask;
    private volatile NpgsqlDataSource? _source;
    private volatile string? _fault = "not connected yet";

    /// <summary>Where calls take their connections from; null while it is away.</summary>
    public NpgsqlDataSource? Source => _source;

    /// <summary>Why it is away; null while it is there.</summary>
    public string? Fault => _fault;

    /// <summary>Begins to connect.</summary>
    /// <param name="changed">Told when it is there, and when it is not.</param>
    /// <param name="beat">Called with each sign of life; what it throws ends the connection.</param>
    public void Start(Action changed, Func<Task> beat) => _keeping = Task.Run(() => KeepAsync(changed, beat));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _keeping;
        _stopping.Dispose();
    }

    private async Task KeepAsync(Action changed, Func<Task> beat)
    {
        var pause = ShortestPause;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await using var source = pool.Open();
                await using var session = await PrepareAsync(source);
                pause = ShortestPause;
                _source = source;

                // What was told before may have been missed.
                listeners.Tell(null);
                _fault = null;
                changed();
                await WatchAsync(session, beat);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // The end.
            }
            catch (Exception exception)
            {
                if (exception is not (DatabaseException or NpgsqlException or SocketException or IOException or TimeoutException))
                {
                    // Whatever it is, it must not end the attempts.
                    LogUnexpected(exception);
                }

                (_fault, _source) = (PostgresFaults.Why(exception), null);
                changed();

                // Not all gateways at once.
                await Task.Delay(pause * ((1 + Random.Shared.NextDouble()) / 2), time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }

        _source = null;
    }

    /// <summary>Connects, brings the tables up to date and begins to listen.</summary>
    private async Task<PostgresSession> PrepareAsync(NpgsqlDataSource source)
    {
        var session = await PostgresSession.OpenAsync(source, callTimeout, time, _stopping.Token);
        try
        {
            await RequireWritesAsync(session);
            await session.RunAsync(MigrateAsync, LongestMigration, _stopping.Token);
            session.Connection.Notification += (_, told) => listeners.Tell(told.Payload);
            await session.RunAsync(connection => connection.ExecuteAsync($"LISTEN {Channel}"), callTimeout, _stopping.Token);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    private async Task<bool> MigrateAsync(NpgsqlConnection connection)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync($"SET LOCAL statement_timeout = {(long)LongestMigration.TotalMilliseconds}");
        await connection.ExecuteAsync("SELECT pg_advisory_xact_lock(@MigrationLock)", new { MigrationLock });
        await Migrations.ApplyAsync(connection, time);
        await transaction.CommitAsync();
        return true;
    }

    /// <summary>Hears what is told, and asks for a sign of life where nothing is, until there is none.</summary>
    private async Task WatchAsync(PostgresSession session, Func<Task> beat)
    {
        while (true)
        {
            if (!await session.Connection.WaitAsync(HeartbeatInterval, _stopping.Token))
            {
                await RequireWritesAsync(session);
                await beat();
            }
        }
    }

    private async Task RequireWritesAsync(PostgresSession session)
    {
        if (await session.RunAsync(connection => connection.ExecuteScalarAsync<bool>("SELECT pg_is_in_recovery()"), callTimeout, _stopping.Token))
        {
            throw new DatabaseException("It is a standby, which takes no writes.");
        }
    }

    [LoggerMessage(LogLevel.Error, "The connection to PostgreSQL failed unexpectedly.")]
    private partial void LogUnexpected(Exception exception);
}
