using System.Collections.Concurrent;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>
/// What this process holds in budgets that are counted in Redis. Tells Redis what becomes of it, behind the answers and for as
/// long as it takes; and where Redis has lost what it knew, tells it all of it, before anything new is reserved.
/// </summary>
internal sealed partial class HeldAmounts(IRedis redis, TimeProvider time, ILogger<HeldAmounts> logger) : BackgroundService
{
    // A request is a few hundred bytes.
    private const int Most = 500_000;
    private const int MostAtOnce = 200;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TellsWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<Guid, HeldAmount> _held = new();
    private readonly ConcurrentQueue<HeldAmount> _untold = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly SemaphoreSlim _wake = new(0, 1);

    // The epoch in which Redis has all that is held here; null where it may not.
    private volatile string? _epoch;
    private bool _isBroken;

    /// <summary>For how long replicas may tell what they hold when Redis has lost what it knew, before anything is reserved.</summary>
    public TimeSpan Grace { get; init; } = GraceOf(new RedisOptions());

    /// <summary>Whether so much waits for the ledger's database that no more is taken.</summary>
    public bool IsFull => _held.Count >= Most;

    /// <summary>How many requests are held, or wait for the ledger's database or for Redis.</summary>
    public int Count => _held.Count;

    /// <summary>How long a replica takes at most that lives, until it has found Redis again and told it all.</summary>
    public static TimeSpan GraceOf(RedisOptions options) => options.MaxBackoff + options.ConnectTimeout + options.Breaker.Cooldown + LookEvery + TellsWithin;

    /// <summary>What is held of a request.</summary>
    public HeldAmount Of(BudgetReservation reservation) =>
        _held.TryGetValue(reservation.Id, out var known) ? known : _held.GetOrAdd(reservation.Id, new HeldAmount(reservation.Id, reservation.Counters));

    /// <summary>So much is held, as Redis has said in an epoch.</summary>
    /// <returns>Whether it still is: what Redis has lost since, it was not told again.</returns>
    public bool Hold(HeldAmount held, long amount, string epoch)
    {
        lock (held)
        {
            held.Hold(amount);
        }

        return _epoch == epoch;
    }

    /// <summary>So much is held by this replica itself, while Redis is away; Redis is told when it is back.</summary>
    public void HoldOwn(HeldAmount held, long amount)
    {
        lock (held)
        {
            held.Hold(amount);
            held.Restore();
        }

        Queue(held);
    }

    /// <summary>It could not be held; there is what was before.</summary>
    /// <param name="held">The request.</param>
    /// <param name="isKnown">Whether Redis is sure not to hold it.</param>
    /// <returns>Whether nothing of it is held, here and in Redis.</returns>
    public bool Undo(HeldAmount held, bool isKnown)
    {
        lock (held)
        {
            if (held.Amount > 0)
            {
                held.Hold(held.Amount);
            }
            else if (!isKnown)
            {
                held.Drop();
            }
            else
            {
                _held.TryRemove(held.Id, out _);
                return true;
            }
        }

        if (!isKnown)
        {
            Queue(held);
        }

        return false;
    }

    /// <summary>A request is over.</summary>
    public void Settle(HeldAmount held, long amount)
    {
        lock (held)
        {
            held.Settle(amount);
        }

        Queue(held);
    }

    /// <summary>Requests are in the database.</summary>
    public void Record(IReadOnlyList<LedgerEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Budgets.Count == 0)
            {
                continue;
            }

            // One that is not known is of a process that has ended.
            var held = _held.GetOrAdd(entry.Id, static (id, entry) => new HeldAmount(id, entry.Budgets), entry);
            lock (held)
            {
                held.Record(entry.Cost?.Value ?? 0);
            }

            Queue(held);
        }
    }

    /// <summary>What was spent of a counter, by the ledger and by what is held here.</summary>
    public async Task<long> SumAsync(BudgetCounter counter, SpentInLedger spent)
    {
        List<Guid> ids = [];
        var sum = 0L;
        foreach (var held in _held.Values.Where(held => held.Counters.Contains(counter)))
        {
            lock (held)
            {
                ids.Add(held.Id);
                sum += held.BeganOwn ? 0 : held.Amount;
            }
        }

        return sum + (await spent(counter, ids)).Value;
    }

    /// <summary>The epoch, in which Redis has all that is held here.</summary>
    /// <exception cref="RedisException">Redis does not say.</exception>
    public async ValueTask<string> EpochAsync()
    {
        if (_epoch is { } known)
        {
            return known;
        }

        await TellAsync(look: true);
        return _epoch ?? throw RedisException.Unavailable("it has lost what it knew once more");
    }

    /// <summary>Redis no longer has what it had in an epoch.</summary>
    public void EpochIsOver(string epoch)
    {
        if (_epoch == epoch)
        {
            _epoch = null;
        }
    }

    /// <summary>Tells Redis what it does not know.</summary>
    /// <param name="look">Whether it is asked first whether it has lost what it knew.</param>
    /// <exception cref="RedisException">It may not have heard.</exception>
    public async Task TellAsync(bool look)
    {
        await _turn.WaitAsync();
        try
        {
            var epoch = _epoch;
            if (look || epoch is null)
            {
                epoch = (await redis.EvaluateAsync(RedisBudgetScripts.Open, [BudgetKeys.Epoch], [Guid.NewGuid().ToString(), (long)Grace.TotalMilliseconds])).Text;
                if (epoch != _epoch)
                {
                    _epoch = null;
                    RestoreAll();
                }
            }

            while (await TellSomeAsync(epoch))
            {
            }

            _epoch = epoch;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            // What the ledger has recorded last.
            if (redis.IsAvailable)
            {
                await TellAsync(look: false).WaitAsync(TellsWithin, time, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or OperationCanceledException)
        {
            LogLeft(_untold.Count);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _turn.Dispose();
        _wake.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = LookEvery;
            try
            {
                if (redis.IsAvailable)
                {
                    await TellAsync(look: true);
                    _isBroken = false;
                }
            }
            catch (RedisException exception)
            {
                pause = RetryAfter;
                if (!_isBroken)
                {
                    _isBroken = true;
                    LogBroken(exception.Why);
                }
            }

            await WaitAsync(pause, stoppingToken);
        }
    }

    // Until something is to be told, but no longer.
    private async Task WaitAsync(TimeSpan pause, CancellationToken stopping)
    {
        using var late = new CancellationTokenSource(pause, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stopping);
        try
        {
            await _wake.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // Whichever it was, the loop looks.
        }
    }

    private void RestoreAll()
    {
        foreach (var held in _held.Values)
        {
            bool isHeld;
            lock (held)
            {
                isHeld = held.Restore();
            }

            if (isHeld)
            {
                Queue(held);
            }
        }
    }

    private void Queue(HeldAmount held)
    {
        lock (held)
        {
            if (held.IsQueued)
            {
                return;
            }

            held.IsQueued = true;
        }

        _untold.Enqueue(held);
        if (_wake.CurrentCount == 0)
        {
            try
            {
                _wake.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else has woken it at the same moment.
            }
        }
    }

    // Whether there may be more.
    private async Task<bool> TellSomeAsync(string epoch)
    {
        var some = new List<(HeldAmount Held, int Version)>();
        var keys = new List<RedisArgument> { BudgetKeys.Epoch };
        var places = new Dictionary<BudgetCounter, int>();
        var arguments = new List<RedisArgument> { epoch };
        while (some.Count < MostAtOnce && _untold.TryDequeue(out var held))
        {
            lock (held)
            {
                held.IsQueued = false;
                some.Add((held, held.Version));
                foreach (var counter in held.Counters)
                {
                    if (!places.TryGetValue(counter, out var place))
                    {
                        keys.Add(BudgetKeys.Of(counter));
                        places.Add(counter, place = keys.Count);
                    }

                    arguments.AddRange([held.Change, place, held.Id.ToString(), held.Amount, BudgetKeys.ForgottenAt(counter)]);
                }
            }
        }

        if (some.Count == 0)
        {
            return false;
        }

        var isTold = false;
        try
        {
            isTold = (await redis.EvaluateAsync(RedisBudgetScripts.Change, [.. keys], [.. arguments])).Text == "done";
            if (!isTold)
            {
                throw RedisException.Unavailable("it has lost what it knew");
            }
        }
        finally
        {
            foreach (var (held, version) in some)
            {
                Told(held, version, isTold);
            }
        }

        return true;
    }

    private void Told(HeldAmount held, int version, bool isTold)
    {
        lock (held)
        {
            if (isTold && held.Told(version))
            {
                if (held.IsLast)
                {
                    _held.TryRemove(held.Id, out _);
                }

                return;
            }
        }

        Queue(held);
    }

    [LoggerMessage(LogLevel.Warning, "Redis was not told in time what became of the last requests with budgets ({Count}): it holds them until their periods are over.")]
    private partial void LogLeft(int count);

    [LoggerMessage(LogLevel.Warning, "Redis is not told what became of requests with budgets ({Why}); it is when it answers again.")]
    private partial void LogBroken(string why);
}
