namespace LlmOps.Gateway.Redis;

/// <summary>What there is where no Redis is configured: nothing connects, and every call says so.</summary>
internal sealed class NoRedis : IRedis
{
    /// <inheritdoc/>
    public bool IsConfigured => false;

    /// <inheritdoc/>
    public bool IsAvailable => false;

    /// <inheritdoc/>
    public ValueTask<RedisReply> ExecuteAsync(string command, RedisArgument[] arguments, CancellationToken cancellationToken = default) => throw Missing();

    /// <inheritdoc/>
    public ValueTask<RedisReply> EvaluateAsync(RedisScript script, RedisArgument[] keys, RedisArgument[] arguments, CancellationToken cancellationToken = default) => throw Missing();

    /// <inheritdoc/>
    public ValueTask PublishAsync(string channel, RedisArgument message, CancellationToken cancellationToken = default) => throw Missing();

    /// <inheritdoc/>
    public IDisposable Subscribe(string channel, Action<ReadOnlyMemory<byte>> received, Action listening) => new Nothing();

    private static RedisException Missing() => RedisException.Unavailable("none is configured; set REDIS_URL");

    private sealed class Nothing : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
