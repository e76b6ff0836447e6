using System.Runtime.CompilerServices;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Redis;

/// <summary>
/// A server: keeps connections to it, makes them anew when they end, and a breaker that leaves it alone while it fails. Each
/// change between available and not is one log line.
/// </summary>
internal sealed partial class RedisNode : IAsyncDisposable
{
    private const string NotYet = "not connected yet";
    private const string IsReplica = "it is a replica, which takes no writes";
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(1);

    private readonly Func<IReadOnlyList<RedisAddress>> _addresses;
    private readonly RedisConnector _connector;
    private readonly RedisOptions _options;
    private readonly BreakerOptions _breakerOptions;
    private readonly CircuitBreaker _breaker;
    private readonly Action<RedisHandshake> _connected;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RedisConnection?[] _connections;
    private readonly CancellationTokenSource _stopping = new();
    private readonly RedisNodeReport _report;
    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _keeping = Task.CompletedTask;
    private RedisAddress _address;
    private string _connectFault = NotYet;

    /// <param name="addresses">Where the server may be, tried in turn.</param>
    /// <param name="connector">Opens connections.</param>
    /// <param name="options">How many, and how long to wait.</param>
    /// <param name="connected">Told of each new connection what the server says of itself.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public RedisNode(
        Func<IReadOnlyList<RedisAddress>> addresses, RedisConnector connector, RedisOptions options, Action<RedisHandshake> connected, TimeProvider time, ILogger logger)
    {
        (_addresses, _connector, _options, _connected, _time, _logger, _report) = (addresses, connector, options, connected, time, logger, new RedisNodeReport(logger));
        (_breaker, _breakerOptions) = (new CircuitBreaker(time), options.Breaker.ToBreaker());
        _address = addresses()[0];
        _connections = new RedisConnection?[options.MaxConnections];
    }

    /// <summary>Whether a call made now would be sent.</summary>
    public bool IsAvailable => LeastBusy() is not null && _breaker.Look(_breakerOptions).Wait <= TimeSpan.Zero;

    /// <summary>Why it is not available; null while it is.</summary>
    public string? Fault => LeastBusy() is null ? Volatile.Read(ref _connectFault)
        : _breaker.Look(_breakerOptions).State != BreakerState.Closed ? "too many calls had no answer in time"
        : null;

    /// <summary>Where it is: the last address that was tried.</summary>
    public RedisAddress Address => Volatile.Read(ref _address);

    /// <summary>Begins to connect; once, when whoever is told of connections can be told.</summary>
    public RedisNode Start()
    {
        _keeping = Task.WhenAll(Enumerable.Range(0, _options.MaxConnections).Select(slot => Task.Run(() => KeepAsync(slot))));
        return this;
    }

    /// <summary>Runs a command. Where nothing is known of the server yet, it waits for the first attempt to connect.</summary>
    /// <returns>The answer; may be an error.</returns>
    /// <exception cref="RedisException">There is none.</exception>
    public ValueTask<RedisReply> SendAsync(RedisCommand command, bool asking, long startedAt, CancellationToken cancellationToken) =>
        LeastBusy() is { } connection ? SendAsync(connection, command, asking, startedAt, cancellationToken)
        : _tried.Task.IsCompleted ? throw RedisException.Unavailable(Volatile.Read(ref _connectFault))
        : SendOnceTriedAsync(command, asking, startedAt, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _keeping;
        _tried.TrySetResult();
        _stopping.Dispose();
    }

    private async ValueTask<RedisReply> SendOnceTriedAsync(RedisCommand command, bool asking, long startedAt, CancellationToken cancellationToken)
    {
        var left = _options.CallTimeout - _time.GetElapsedTime(startedAt);
        try
        {
            await _tried.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw RedisException.Unavailable(NotYet);
        }

        return await SendAsync(command, asking, startedAt, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RedisReply> SendAsync(RedisConnection connection, RedisCommand command, bool asking, long startedAt, CancellationToken cancellationToken)
    {
        if (_breaker.TryEnter(_breakerOptions) is not { } pass)
        {
            throw RedisException.Unavailable("too many calls had no answer in time; it is left alone for a moment");
        }

        try
        {
            var reply = await connection.SendAsync(command, asking, startedAt, cancellationToken);
            Settle(pass, failed: reply.IsError && RedisException.IsDown(reply.ErrorCode));
            if (reply.IsReadOnly)
            {
                Leave(connection.Address);
            }

            return reply;
        }
        catch (RedisException exception) when (exception.Reason == RedisFailure.Deadline)
        {
            Settle(pass, failed: true);
            throw;
        }
        catch
        {
            // The caller left, or there is no connection any more, which needs no breaker: without one calls fail at once.
            _breaker.Abandon(pass);
            throw;
        }
    }

    /// <summary>Leaves a primary that has become a replica, which ends no connection by itself: the next address may be the new one's.</summary>
    private void Leave(RedisAddress address)
    {
        for (var slot = 0; slot < _connections.Length; slot++)
        {
            if (Volatile.Read(ref _connections[slot]) is { } connection && connection.Address == address)
            {
                connection.Close(IsReplica);
            }
        }
    }

    private void Settle(BreakerPass pass, bool failed)
    {
        if (_breaker.Settle(pass, failed, slow: false, _breakerOptions))
        {
            _report.Note(this);
        }
    }

    private RedisConnection? LeastBusy()
    {
        RedisConnection? best = null;
        for (var slot = 0; slot < _connections.Length; slot++)
        {
            if (Volatile.Read(ref _connections[slot]) is { IsOpen: true } connection && (best is null || connection.Pending < best.Pending))
            {
                best = connection;
            }
        }

        return best;
    }

    /// <summary>Keeps one connection, until the end.</summary>
    private async Task KeepAsync(int slot)
    {
        var backoff = new RedisBackoff(_options.Backoff, _options.MaxBackoff);
        for (var attempt = 0; !_stopping.IsCancellationRequested; attempt++)
        {
            try
            {
                var addresses = _addresses();
                var address = addresses[attempt % addresses.Count];
                Volatile.Write(ref _address, address);
                var fault = await UseAsync(slot, address, backoff);
                Volatile.Write(ref _connectFault, fault);
                _tried.TrySetResult();
                _stopping.Token.ThrowIfCancellationRequested();
                _report.Note(this);
                await Task.Delay(backoff.Next(), _time, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // The end.
            }
        }
    }

    /// <summary>Connects, and returns why that failed or the connection ended.</summary>
    private async Task<string> UseAsync(int slot, RedisAddress address, RedisBackoff backoff)
    {
        try
        {
            var (link, server) = await _connector.ConnectAsync(address, _stopping.Token);
            await using var connection = new RedisConnection(link, _options, _time);
            if (server is { IsReplica: true, IsCluster: false })
            {
                return IsReplica;
            }

            var since = _time.GetTimestamp();
            Volatile.Write(ref _connections[slot], connection);
            Volatile.Write(ref _connectFault, "the connection is lost");
            _tried.TrySetResult();
            _connected(server);
            _report.Note(this);
            var why = await WatchAsync(connection);
            backoff.Lasted(_time.GetElapsedTime(since));
            return why;
        }
        catch (RedisException exception)
        {
            return exception.Why;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Whatever it is, it must not end the attempts.
            LogUnexpected(exception, address);
            return "the connection failed";
        }
        finally
        {
            Volatile.Write(ref _connections[slot], null);
        }
    }

    /// <summary>Asks now and then for a sign of life, which also shows whether a breaker may close; returns why the connection ended.</summary>
    private async Task<string> WatchAsync(RedisConnection connection)
    {
        using var timer = new PeriodicTimer(HeartbeatInterval, _time);
        while (true)
        {
            var tick = timer.WaitForNextTickAsync(_stopping.Token).AsTask();
            if (await Task.WhenAny(tick, connection.Closed) == connection.Closed)
            {
                return await connection.Closed;
            }

            await tick;
            try
            {
                await SendAsync(connection, new RedisCommand("PING"), asking: false, _time.GetTimestamp(), _stopping.Token);
            }
            catch (RedisException)
            {
                // The breaker and the connection have noted it.
            }
        }
    }

    [LoggerMessage(LogLevel.Error, "The connection to Redis at {Address} failed unexpectedly.")]
    private partial void LogUnexpected(Exception exception, RedisAddress address);
}
