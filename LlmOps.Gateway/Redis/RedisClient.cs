namespace LlmOps.Gateway.Redis;

/// <summary>
/// Redis over its own protocol. Stands in for StackExchange.Redis, which the package feed lacks. It connects in the
/// background from the moment it is made; calls wait for the first attempt at most, and fail at once whenever there is no connection.
/// </summary>
internal sealed class RedisClient : IRedis, IAsyncDisposable
{
    private readonly RedisRouter _router;
    private readonly RedisSubscriptions _subscriptions;

    /// <summary>Begins to connect.</summary>
    public RedisClient(RedisSettings settings, TimeProvider time, ILogger<RedisClient> logger)
    {
        _router = new RedisRouter(settings, time, logger);
        _subscriptions = new RedisSubscriptions(() => _router.KnownAddresses, new RedisConnector(settings, time), settings.Options, time, logger);
    }

    /// <inheritdoc/>
    public bool IsConfigured => true;

    /// <inheritdoc/>
    public bool IsAvailable => _router.IsAvailable;

    /// <summary>The servers by their addresses, each with why it is not available, or null.</summary>
    public IReadOnlyList<(RedisAddress Address, string? Fault)> Servers => _router.Servers;

    /// <inheritdoc/>
    public ValueTask<RedisReply> ExecuteAsync(string command, RedisArgument[] arguments, CancellationToken cancellationToken = default)
    {
        var sent = new RedisCommand(command, arguments);
        if (!sent.CanBeShared)
        {
            throw new ArgumentException($"{command} is not for a connection that others share.", nameof(command));
        }

        cancellationToken.ThrowIfCancellationRequested();
        return _router.SendAsync(sent, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<RedisReply> EvaluateAsync(RedisScript script, RedisArgument[] keys, RedisArgument[] arguments, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await _router.SendAsync(script.Command(byText: false, keys, arguments), cancellationToken);
        }
        catch (RedisException exception) when (exception.Code == "NOSCRIPT")
        {
            // A new server, or one that has started anew. Nothing ran; EVAL also makes the script known to it.
            return await _router.SendAsync(script.Command(byText: true, keys, arguments), cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask PublishAsync(string channel, RedisArgument message, CancellationToken cancellationToken = default) =>
        await ExecuteAsync("PUBLISH", [channel, message], cancellationToken);

    /// <inheritdoc/>
    public IDisposable Subscribe(string channel, Action<ReadOnlyMemory<byte>> received, Action listening) => _subscriptions.Subscribe(channel, received, listening);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _subscriptions.DisposeAsync();
        await _router.DisposeAsync();
    }
}
