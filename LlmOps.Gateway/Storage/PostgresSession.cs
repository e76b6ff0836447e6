using Npgsql;

namespace LlmOps.Gateway.Storage;

/// <summary>A connection for one statement after the other, each with a limit. One that is past it keeps the connection, which is closed when it ends.</summary>
internal sealed class PostgresSession : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private Task _last = Task.CompletedTask;

    private PostgresSession(NpgsqlConnection connection, TimeProvider time) => (Connection, _time) = (connection, time);

    /// <summary>The connection.</summary>
    public NpgsqlConnection Connection { get; }

    /// <summary>Connects.</summary>
    /// <exception cref="DatabaseException">Not in time.</exception>
    /// <exception cref="NpgsqlException">It cannot be connected to.</exception>
    public static async Task<PostgresSession> OpenAsync(NpgsqlDataSource source, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var opening = source.OpenConnectionAsync(cancellationToken).AsTask();
        try
        {
            return new PostgresSession(await opening.WithinAsync(limit, time, cancellationToken), time);
        }
        catch when (!opening.IsCompleted)
        {
            _ = opening.ContinueWith(opened => opened.Result.DisposeAsync(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>Runs statements.</summary>
    /// <exception cref="DatabaseException">They have not ended in time.</exception>
    public Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work, TimeSpan limit, CancellationToken cancellationToken)
    {
        var running = work(Connection);
        _last = running;
        return running.WithinAsync(limit, _time, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_last.IsCompleted)
        {
            await Connection.DisposeAsync();
        }
        else
        {
            _ = _last.ContinueWith(_ => Connection.DisposeAsync(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }
}
