using System.Runtime.CompilerServices;

namespace LlmOps.Gateway.Redis;

/// <summary>
/// One connection that all callers share: commands go out in the order of their answers, and nobody waits for another's. A
/// caller that gives up, or whose deadline passes, disturbs no other. A server that answers nothing any more is hung up on.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    /// <summary>Bytes that may wait to be sent; so the largest command, too.</summary>
    public const long MaxUnsent = 64 * 1024 * 1024;

    // So many call timeouts without any byte, while an answer is due, are more than a slow command.
    private const int SilentTimeouts = 4;

    // Deadlines are looked at at most this often in a call timeout, however many there are.
    private const int SweepsPerTimeout = 10;

    private readonly RedisLink _link;
    private readonly RedisOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource<string> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _receiving;
    private RedisCall? _first;
    private RedisCall? _last;
    private int _pending;
    private bool _sweeping;
    private long? _silentSince;
    private string? _fault;

    /// <summary>Begins to receive on a link that is logged in.</summary>
    public RedisConnection(RedisLink link, RedisOptions options, TimeProvider time)
    {
        (_link, _options, _time) = (link, options, time);
        _timer = time.CreateTimer(static connection => ((RedisConnection)connection!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _receiving = ReceiveAsync();
    }

    /// <summary>Ends when the connection does, with the reason.</summary>
    public Task<string> Closed => _closed.Task;

    /// <summary>Calls whose answers are due.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Whether it can be used.</summary>
    public bool IsOpen => Volatile.Read(ref _fault) is null;

    /// <summary>The server at the other end.</summary>
    public RedisAddress Address => _link.Address;

    /// <summary>Runs a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="asking">Whether the server is told that it may still be importing the key's slot.</param>
    /// <param name="startedAt">When the caller began to wait, as a timestamp of the clock.</param>
    /// <param name="cancellationToken">Gives the answer up.</param>
    /// <returns>The answer; may be an error.</returns>
    /// <exception cref="RedisException">The queue is full, the deadline has passed or the connection broke.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RedisReply> SendAsync(RedisCommand command, bool asking, long startedAt, CancellationToken cancellationToken)
    {
        var call = new RedisCall(startedAt, isAwaited: true);
        Enqueue(call, command, asking);
        await using var registration = cancellationToken.UnsafeRegister(static (call, token) => ((RedisCall)call!).TrySetCanceled(token), call);
        return await call.Task;
    }

    /// <summary>Closes it; calls whose answers are due fail.</summary>
    /// <param name="why">The reason, as it is told in logs.</param>
    public void Close(string why)
    {
        RedisCall? call;
        lock (_lock)
        {
            if (_fault is not null)
            {
                return;
            }

            Volatile.Write(ref _fault, why);
            (call, _first, _last, _pending) = (_first, null, null, 0);
        }

        _link.Close();
        for (; call is not null; call = call.Next)
        {
            call.Fail(RedisException.Unavailable(why, mayHaveRun: true));
        }

        _closed.TrySetResult(why);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Close("the gateway closed the connection");
        await _receiving;
        await _timer.DisposeAsync();
        await _link.DisposeAsync();
    }

    private void Enqueue(RedisCall call, RedisCommand command, bool asking)
    {
        var length = command.Length;
        lock (_lock)
        {
            if (_fault is not null)
            {
                throw RedisException.Unavailable(_fault);
            }

            if (_pending >= _options.MaxPending || _link.Unsent + length > MaxUnsent)
            {
                throw RedisException.Unavailable(length > MaxUnsent ? $"a command of more than {MaxUnsent} bytes is not sent" : "too much waits for it already");
            }

            if (asking)
            {
                _link.Write(new RedisCommand("ASKING"));
                Append(new RedisCall(call.StartedAt, isAwaited: false));
            }

            _link.Write(command);
            Append(call);
            if (!_sweeping)
            {
                _sweeping = true;
                _timer.Change(_options.CallTimeout, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void Append(RedisCall call)
    {
        if (_last is null)
        {
            _first = call;
        }
        else
        {
            _last.Next = call;
        }

        _last = call;
        _pending++;
    }

    private async Task ReceiveAsync()
    {
        string why;
        try
        {
            while (true)
            {
                var reply = await _link.ReadAsync();
                if (reply.Kind != RedisReplyKind.Push)
                {
                    TakeFirst().TrySetResult(reply);
                }
            }
        }
        catch (Exception exception)
        {
            // Whatever it is, no further answer can be told from another.
            why = RedisConnector.Why(exception);
        }

        Close(why);
    }

    private RedisCall TakeFirst()
    {
        lock (_lock)
        {
            var call = _first ?? throw new RespException("an answer that nobody asked for");
            (_first, call.Next) = (call.Next, null);
            _last = _first is null ? null : _last;
            _pending--;
            return call;
        }
    }

    /// <summary>Ends calls whose deadline has passed, and the connection if nothing comes any more.</summary>
    private void Sweep()
    {
        var late = new List<RedisCall>();
        var hangUp = false;
        lock (_lock)
        {
            _sweeping = _first is not null;
            if (_first is null)
            {
                _silentSince = null;
                return;
            }

            var next = _options.CallTimeout;
            for (var call = _first; call is not null; call = call.Next)
            {
                var left = _options.CallTimeout - _time.GetElapsedTime(call.StartedAt);
                if (left <= TimeSpan.Zero)
                {
                    late.Add(call);
                }
                else if (left < next)
                {
                    next = left;
                }
            }

            // Not at the first look: after a pause of our own, what has come meanwhile is to be read first.
            _silentSince = IsSilent(_first) ? _silentSince ?? _time.GetTimestamp() : null;
            hangUp = _silentSince is { } since && _time.GetElapsedTime(since) >= _options.CallTimeout;
            var least = _options.CallTimeout / SweepsPerTimeout;
            _timer.Change(next > least ? next : least, Timeout.InfiniteTimeSpan);
        }

        foreach (var call in late.Where(call => !call.Task.IsCompleted))
        {
            call.Fail(RedisException.Deadline(_options.CallTimeout));
        }

        if (hangUp)
        {
            Close("it does not answer");
        }
    }

    private bool IsSilent(RedisCall first)
    {
        var limit = _options.CallTimeout * SilentTimeouts;
        return _time.GetElapsedTime(first.StartedAt) > limit && _time.GetElapsedTime(_link.LastReceived) > limit;
    }
}
