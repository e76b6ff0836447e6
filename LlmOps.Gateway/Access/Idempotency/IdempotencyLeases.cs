using System.Collections.Concurrent;
using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Access.Idempotency;

/// <summary>
/// The calls that this replica makes for requests with an idempotency key, as leases in Redis: renewed while the call is on its
/// way, however long that is, and never again once the replica is gone.
/// </summary>
internal sealed partial class IdempotencyLeases : IDisposable
{
    private const int MostAtOnce = 200;

    // A renewal may fail twice.
    private const int RenewalsPerLease = 3;

    // ARGV: the lease, its duration in ms. What Redis has lost is put back; what others have by now stays theirs.
    private static readonly RedisScript Renew = new(
        """
        local held = redis.call('GET', KEYS[1])
        if not held then
          redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        elseif held == ARGV[1] then
          redis.call('PEXPIRE', KEYS[1], ARGV[2])
        end
        """);

    private readonly IRedis _redis;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, string> _held = new(StringComparer.Ordinal);
    private readonly string _replica = Guid.NewGuid().ToString("N");
    private readonly TimeSpan _period;
    private readonly ITimer _timer;
    private long _number;

    /// <param name="redis">Where they are.</param>
    /// <param name="duration">After how long another replica may make the call of one that is gone.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public IdempotencyLeases(IRedis redis, TimeSpan duration, TimeProvider time, ILogger<IdempotencyLeases> logger)
    {
        (_redis, Duration, _logger) = (redis, duration, logger);
        _period = duration / RenewalsPerLease;
        _timer = time.CreateTimer(_ => _ = RenewAsync(), null, _period, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How long a lease is good without being renewed.</summary>
    public TimeSpan Duration { get; }

    /// <summary>A name that no other lease of any replica has.</summary>
    public string Next() => $"{_replica}:{Interlocked.Increment(ref _number)}";

    /// <summary>Renews a lease, until it is released.</summary>
    /// <param name="name">Its name in Redis.</param>
    /// <param name="lease">What stands there.</param>
    public void Hold(string name, string lease) => _held[name] = lease;

    /// <summary>Ends a lease, if one is held. It does not fail: what Redis does not take ends by itself.</summary>
    public ValueTask ReleaseAsync(string name) => _held.TryRemove(name, out var lease) ? EndAsync(name, lease) : default;

    /// <summary>Ends a lease that may have been taken.</summary>
    public async ValueTask EndAsync(string name, string lease)
    {
        try
        {
            await _redis.EvaluateAsync(RedisScript.DeleteIfEqual, [name], [lease]);
        }
        catch (RedisException exception)
        {
            LogFailed("ending", exception.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private async Task RenewAsync()
    {
        try
        {
            foreach (var some in _held.Chunk(MostAtOnce))
            {
                await Task.WhenAll(some.Select(held => RenewAsync(held.Key, held.Value)));
            }
        }
        finally
        {
            _timer.Change(_period, Timeout.InfiniteTimeSpan);
        }
    }

    private async Task RenewAsync(string name, string lease)
    {
        try
        {
            await _redis.EvaluateAsync(Renew, [name], [lease, (long)Duration.TotalMilliseconds]);
        }
        catch (RedisException exception)
        {
            LogFailed("renewing", exception.Message);
        }

        // What was released meanwhile must not stay taken.
        if (!_held.TryGetValue(name, out var now) || now != lease)
        {
            await EndAsync(name, lease);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Leases of requests with an idempotency key in Redis, {What}: {Reason}")]
    private partial void LogFailed(string what, string reason);
}
