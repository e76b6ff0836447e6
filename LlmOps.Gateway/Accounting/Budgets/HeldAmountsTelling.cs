using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>
/// Tells Redis what becomes of what this process holds in budgets, behind the answers and for as long as it takes; and where Redis
/// has lost what it knew, tells it all of it, before anything new is reserved.
/// </summary>
internal sealed partial class HeldAmountsTelling(HeldAmounts held, IRedis redis, TimeProvider time, ILogger<HeldAmountsTelling> logger) : BackgroundService
{
    private const int MostAtOnce = 200;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TellsWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(250);

    // Not disposed: a call may still be on its way at the end, and it holds nothing of the system's.
    private readonly SemaphoreSlim _turn = new(1, 1);

    // The epoch in which Redis has all that is held here; null where it may not.
    private volatile string? _epoch;
    private bool _isBroken;

    /// <summary>For how long replicas may tell what they hold when Redis has lost what it knew, before anything is reserved.</summary>
    public TimeSpan Grace { get; init; } = GraceOf(new RedisOptions());

    /// <summary>How long a replica takes at most that lives, until it has found Redis again and told it all.</summary>
    public static TimeSpan GraceOf(RedisOptions options) => options.MaxBackoff + options.ConnectTimeout + options.Breaker.Cooldown + LookEvery + TellsWithin;

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

    /// <summary>Whether Redis has all that is held here in an epoch; what it has lost since, it was not told again.</summary>
    public bool IsEpoch(string epoch) => _epoch == epoch;

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
                    held.RestoreAll();
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
            await TellSoonAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or OperationCanceledException)
        {
            LogLeft(held.UntoldCount);
        }
    }

    /// <summary>
    /// Tells it now, where Redis is there: before it leaves the journal, so that the end of this process leaves nothing held for it.
    /// Does not fail; a journal that waited for a Redis that is away would fill the disk.
    /// </summary>
    public async Task HeardAsync()
    {
        try
        {
            await TellSoonAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // The loop goes on with it, and says so.
        }
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

    private Task TellSoonAsync(CancellationToken cancellationToken) =>
        redis.IsAvailable ? TellAsync(look: false).WaitAsync(TellsWithin, time, cancellationToken) : Task.CompletedTask;

    // Until something is to be told, but no longer.
    private async Task WaitAsync(TimeSpan pause, CancellationToken stopping)
    {
        using var late = new CancellationTokenSource(pause, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stopping);
        try
        {
            await held.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            // Whichever it was, the loop looks.
        }
    }

    // Whether there may be more.
    private async Task<bool> TellSomeAsync(string epoch)
    {
        var some = new List<(HeldAmount Held, int Version)>();
        var keys = new List<RedisArgument> { BudgetKeys.Epoch };
        var places = new Dictionary<BudgetCounter, int>();
        var arguments = new List<RedisArgument> { epoch };
        while (some.Count < MostAtOnce && held.TryTakeUntold(out var amount))
        {
            lock (amount)
            {
                amount.IsQueued = false;
                some.Add((amount, amount.Version));
                foreach (var counter in amount.Counters)
                {
                    if (!places.TryGetValue(counter, out var place))
                    {
                        keys.Add(BudgetKeys.Of(counter));
                        places.Add(counter, place = keys.Count);
                    }

                    arguments.AddRange([amount.Change, place, amount.Id.ToString(), amount.Amount, BudgetKeys.ForgottenAt(counter)]);
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
            foreach (var (amount, version) in some)
            {
                held.Told(amount, version, isTold);
            }
        }

        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Redis was not told in time what became of the last requests with budgets ({Count}): it holds them until their periods are over.")]
    private partial void LogLeft(int count);

    [LoggerMessage(LogLevel.Warning, "Redis is not told what became of requests with budgets ({Why}); it is when it answers again.")]
    private partial void LogBroken(string why);
}
