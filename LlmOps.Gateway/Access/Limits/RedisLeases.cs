using System.Collections.Concurrent;
using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Access.Limits;

/// <summary>
/// The places that requests of this replica hold in Redis, each until its lease is over: renewed in time while the request runs,
/// however long that is, and never again once the replica is gone.
/// </summary>
internal sealed partial class RedisLeases : IDisposable
{
    // The places of one script, which keeps Redis from all else for so long.
    private const int MostAtOnce = 200;

    // A renewal may fail twice.
    private const int RenewalsPerLease = 3;

    // ARGV: the duration in ms, then a lease for each key. What Redis has lost is put back.
    private static readonly RedisScript Renew = new(
        """
        local clock = redis.call('TIME')
        local ends = clock[1] * 1000000 + clock[2] + ARGV[1] * 1000
        for index = 1, #KEYS do
          redis.call('ZADD', KEYS[index], ends, ARGV[index + 1])
          redis.call('PEXPIRE', KEYS[index], ARGV[1])
        end
        """);

    private readonly IRedis _redis;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, RedisArgument[]> _held = new();
    private readonly string _replica = Guid.NewGuid().ToString("N");
    private readonly TimeSpan _period;
    private readonly ITimer _timer;
    private long _number;

    /// <param name="redis">Where they are.</param>
    /// <param name="duration">After how long a place comes back whose replica is gone.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public RedisLeases(IRedis redis, TimeSpan duration, TimeProvider time, ILogger<RedisLeases> logger)
    {
        (_redis, Duration, _logger) = (redis, duration, logger);
        _period = duration / RenewalsPerLease;
        _timer = time.CreateTimer(_ => _ = RenewAsync(), null, _period, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How long a lease is good without being renewed.</summary>
    public TimeSpan Duration { get; }

    /// <summary>A new lease's name.</summary>
    public string Next() => $"{_replica}:{Interlocked.Increment(ref _number)}";

    /// <summary>Renews a lease that was taken, until it is released.</summary>
    public void Hold(string lease, RedisArgument[] places) => _held[lease] = places;

    /// <summary>Renews it no more.</summary>
    public void Release(string lease) => _held.TryRemove(lease, out _);

    /// <summary>Gives places back that may have been taken, as soon as Redis can be asked; else they come back by themselves.</summary>
    public void GiveBack(string lease, RedisArgument[] places) => _ = GiveBackAsync(lease, places);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private async Task GiveBackAsync(string lease, RedisArgument[] places)
    {
        try
        {
            foreach (var place in places)
            {
                await _redis.ExecuteAsync("ZREM", [RedisArgument.Key(place), lease]);
            }
        }
        catch (RedisException exception)
        {
            LogFailed("giving back", exception.Message);
        }
    }

    private async Task RenewAsync()
    {
        try
        {
            foreach (var some in _held.SelectMany(held => held.Value.Select(place => (Place: place, Lease: held.Key))).Chunk(MostAtOnce))
            {
                await _redis.EvaluateAsync(Renew, [.. some.Select(held => held.Place)], [(long)Duration.TotalMilliseconds, .. some.Select(held => (RedisArgument)held.Lease)]);

                // What was given back meanwhile must not stay taken.
                foreach (var (place, lease) in some.Where(held => !_held.ContainsKey(held.Lease)))
                {
                    GiveBack(lease, [place]);
                }
            }
        }
        catch (RedisException exception)
        {
            LogFailed("renewing", exception.Message);
        }
        finally
        {
            _timer.Change(_period, Timeout.InfiniteTimeSpan);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Places of requests in Redis, {What}: {Reason}")]
    private partial void LogFailed(string what, string reason);
}
