namespace LlmOps.Gateway.Redis;

/// <summary>
/// What the gateway asks of Redis. Every call has a deadline (Gateway:Redis:CallTimeout) and a breaker and throws nothing but
/// the named exceptions, so that callers can go on without Redis. Stands for StackExchange.Redis, which could fill it.
/// </summary>
internal interface IRedis
{
    /// <summary>Whether a Redis is configured; without one every call fails as unavailable.</summary>
    bool IsConfigured { get; }

    /// <summary>Whether a call made now would be sent. True is no promise.</summary>
    bool IsAvailable { get; }

    /// <summary>Runs a command.</summary>
    /// <param name="command">Its name. Those that change the connection, or keep it waiting, such as SELECT, MULTI or BLPOP, are not for a connection that all share.</param>
    /// <param name="arguments">Its arguments; those made by <see cref="RedisArgument.Key"/> decide which node of a cluster is asked.</param>
    /// <param name="cancellationToken">Gives the answer up; the command may run all the same.</param>
    /// <returns>The answer, never an error; the elements of an array may be errors.</returns>
    /// <exception cref="RedisException">There is no answer, or it is an error.</exception>
    /// <exception cref="ArgumentException">The command is one of those.</exception>
    ValueTask<RedisReply> ExecuteAsync(string command, RedisArgument[] arguments, CancellationToken cancellationToken = default);

    /// <summary>Runs a script by its hash; its text is sent only to a server that does not have it yet.</summary>
    /// <param name="script">The script.</param>
    /// <param name="keys">KEYS; in a cluster all of one hash slot.</param>
    /// <param name="arguments">ARGV.</param>
    /// <param name="cancellationToken">Gives the answer up; the script may run all the same.</param>
    /// <exception cref="RedisException">There is no answer, or it is an error.</exception>
    ValueTask<RedisReply> EvaluateAsync(RedisScript script, RedisArgument[] keys, RedisArgument[] arguments, CancellationToken cancellationToken = default);

    /// <summary>Sends a message to those who listen to a channel at this moment.</summary>
    /// <exception cref="RedisException">Redis has not taken it, or not said so.</exception>
    ValueTask PublishAsync(string channel, RedisArgument message, CancellationToken cancellationToken = default);

    /// <summary>
    /// Listens to a channel, through all losses of the connection, until the result is disposed. Both callbacks are called one
    /// after the other and must return soon; what they throw is logged.
    /// </summary>
    /// <param name="channel">The channel.</param>
    /// <param name="received">Takes a message.</param>
    /// <param name="listening">Called each time that listening has begun, at first and after every loss: what was published before may have been missed.</param>
    IDisposable Subscribe(string channel, Action<ReadOnlyMemory<byte>> received, Action listening);
}
