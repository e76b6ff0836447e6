using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Caching.Coalescing;

/// <summary>Which replica is asking for an answer, told in Redis. Without Redis everybody may ask.</summary>
internal sealed class ReplicaLocks(IRedis redis)
{
    private readonly string _replica = Guid.NewGuid().ToString("N");
    private long _number;

    /// <summary>Takes the lock of an answer; null where another replica has it.</summary>
    /// <param name="key">The answer's key.</param>
    /// <param name="duration">When it ends by itself: its holder may be gone.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<IAsyncDisposable?> TryTakeAsync(CacheKey key, TimeSpan duration, CancellationToken cancellationToken)
    {
        var (name, owner) = (RedisArgument.Key($"llmops:cache:{key}:lock"), $"{_replica}:{Interlocked.Increment(ref _number)}");
        try
        {
            var reply = await redis.ExecuteAsync("SET", [name, owner, "NX", "PX", (long)duration.TotalMilliseconds], cancellationToken);
            return reply.IsNull ? null : new Held(redis, name, owner);
        }
        catch (RedisException)
        {
            // It may have been taken all the same.
            return new Held(redis, name, owner);
        }
        catch (OperationCanceledException)
        {
            _ = new Held(redis, name, owner).DisposeAsync().AsTask();
            throw;
        }
    }

    private sealed class Held(IRedis redis, RedisArgument name, string owner) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            try
            {
                await redis.EvaluateAsync(RedisScript.DeleteIfEqual, [name], [owner]);
            }
            catch (RedisException)
            {
                // It ends by itself.
            }
        }
    }
}
