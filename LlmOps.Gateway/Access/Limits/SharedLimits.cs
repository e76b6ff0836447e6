using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Access.Limits;

/// <summary>
/// The limits of all replicas, where there is a Redis. While it does not answer, and where there is none, each replica holds to
/// them by itself; what was taken at one place is settled there.
/// </summary>
internal sealed partial class SharedLimits(MemoryLimits memory, RedisLimits shared, IRedis redis, ILogger<SharedLimits> logger) : ILimitStore
{
    /// <inheritdoc/>
    public ValueTask<LimitRefusal?> TakeAsync(LimitTaking taking)
    {
        if (redis.IsAvailable)
        {
            return TakeSharedAsync(taking);
        }

        taking.WithoutRedis = redis.IsConfigured;
        return memory.TakeAsync(taking);
    }

    /// <inheritdoc/>
    /// <remarks>Nobody has to wait for it. It does not fail: what Redis does not take comes back by itself.</remarks>
    public ValueTask SettleAsync(LimitTaking taking) => taking.Store == shared ? SettleSharedAsync(taking) : taking.Store?.SettleAsync(taking) ?? default;

    private async ValueTask<LimitRefusal?> TakeSharedAsync(LimitTaking taking)
    {
        try
        {
            return await shared.TakeAsync(taking);
        }
        catch (RedisException exception)
        {
            LogAlone(exception.Message);
            taking.WithoutRedis = true;
            return await memory.TakeAsync(taking);
        }
    }

    private async ValueTask SettleSharedAsync(LimitTaking taking)
    {
        try
        {
            await shared.SettleAsync(taking);
        }
        catch (RedisException exception)
        {
            LogUnsettled(exception.Message);
        }
    }

    [LoggerMessage(LogLevel.Debug, "A request is held to the limits of this replica alone: {Reason}")]
    private partial void LogAlone(string reason);

    [LoggerMessage(LogLevel.Debug, "What a request took of its limits is not settled in Redis: {Reason}")]
    private partial void LogUnsettled(string reason);
}
