using System.Text;

namespace LlmOps.Gateway.Redis;

/// <summary>
/// Listens to channels over a connection of its own, which is made with the first of them and anew after each loss; so that
/// neither many messages nor a slow listener are in any call's way.
/// </summary>
internal sealed partial class RedisSubscriptions(
    Func<IReadOnlyList<RedisAddress>> addresses, RedisConnector connector, RedisOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(1);

    // Without any sign of life for so long, the connection is made anew.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly List<Subscription> _subscriptions = [];
    private RedisLink? _link;
    private Task? _listening;
    private bool _stopped;

    /// <summary>Listens to a channel until the result is disposed.</summary>
    public IDisposable Subscribe(string channel, Action<ReadOnlyMemory<byte>> received, Action listening)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_stopped, this);
            var subscription = new Subscription(this, channel, received, listening);
            _subscriptions.Add(subscription);

            // A channel that is listened to already is confirmed once more.
            _link?.Write(new RedisCommand("SUBSCRIBE", channel));
            _listening ??= Task.Run(KeepAsync);
            return subscription;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task? listening;
        lock (_lock)
        {
            _stopped = true;
            listening = _listening;
        }

        await _stopping.CancelAsync();
        await (listening ?? Task.CompletedTask);
        _stopping.Dispose();
    }

    private void Remove(Subscription subscription)
    {
        lock (_lock)
        {
            if (_subscriptions.Remove(subscription) && !_subscriptions.Exists(other => other.Channel == subscription.Channel))
            {
                _link?.Write(new RedisCommand("UNSUBSCRIBE", subscription.Channel));
            }
        }
    }

    private async Task KeepAsync()
    {
        var backoff = new RedisBackoff(options.Backoff, options.MaxBackoff);
        for (var attempt = 0; !_stopping.IsCancellationRequested; attempt++)
        {
            try
            {
                var known = addresses();
                var since = time.GetTimestamp();
                await ListenAsync(known[attempt % known.Count]);
                backoff.Lasted(time.GetElapsedTime(since));
                await Task.Delay(backoff.Next(), time, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // The end.
            }
        }
    }

    /// <summary>Connects and listens until the connection ends.</summary>
    private async Task ListenAsync(RedisAddress address)
    {
        try
        {
            var (link, _) = await connector.ConnectAsync(address, _stopping.Token);
            using var heartbeat = time.CreateTimer(_ => Beat(link), null, HeartbeatInterval, HeartbeatInterval);
            try
            {
                Begin(link);
                while (true)
                {
                    Take(await link.ReadAsync(_stopping.Token), link);
                }
            }
            finally
            {
                lock (_lock)
                {
                    _link = null;
                }

                await link.DisposeAsync();
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // That Redis is away, its node tells; what else it may be must not end the attempts.
            LogLost(address, exception is RedisException redis ? redis.Why : RedisConnector.Why(exception));
        }
    }

    private void Begin(RedisLink link)
    {
        lock (_lock)
        {
            _link = link;
            foreach (var channel in _subscriptions.Select(subscription => subscription.Channel).Distinct())
            {
                link.Write(new RedisCommand("SUBSCRIBE", channel));
            }
        }
    }

    private void Beat(RedisLink link)
    {
        lock (_lock)
        {
            if (link == _link && time.GetElapsedTime(link.LastReceived) > LongestSilence)
            {
                link.Close();
            }
            else if (link == _link)
            {
                link.Write(new RedisCommand("PING"));
            }
        }
    }

    /// <summary>Takes what came: a push in RESP3, an array in RESP2; all else answers a heartbeat.</summary>
    private void Take(RedisReply reply, RedisLink link)
    {
        if (reply.IsError)
        {
            LogRefused(link.Address, reply.ErrorCode);
        }

        if (reply.Kind is not (RedisReplyKind.Push or RedisReplyKind.Array) || reply.Items is not [var kind, var name, var value])
        {
            return;
        }

        switch (kind.Text)
        {
            case "message":
                foreach (var subscription in Of(name.Text))
                {
                    Call(subscription.Channel, () => subscription.Received(value.Bytes));
                }

                break;
            case "subscribe":
                foreach (var subscription in Of(name.Text).Where(subscription => subscription.ConfirmedOn != link))
                {
                    subscription.ConfirmedOn = link;
                    Call(subscription.Channel, subscription.Listening);
                }

                break;
        }
    }

    private List<Subscription> Of(string channel)
    {
        lock (_lock)
        {
            return _subscriptions.FindAll(subscription => subscription.Channel == channel);
        }
    }

    private void Call(string channel, Action callback)
    {
        try
        {
            callback();
        }
        catch (Exception exception)
        {
            // One listener's fault is no other's.
            LogCallbackFailed(exception, Encoding.UTF8.GetByteCount(channel) > 100 ? channel[..50] : channel);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Listening to Redis at {Address} ended: {Reason}.")]
    private partial void LogLost(RedisAddress address, string reason);

    [LoggerMessage(LogLevel.Warning, "Redis at {Address} does not let the gateway listen to a channel: {Code}.")]
    private partial void LogRefused(RedisAddress address, string code);

    [LoggerMessage(LogLevel.Error, "What listens to the Redis channel {Channel} failed.")]
    private partial void LogCallbackFailed(Exception exception, string channel);

    /// <summary>Who listens to a channel.</summary>
    private sealed class Subscription(RedisSubscriptions owner, string channel, Action<ReadOnlyMemory<byte>> received, Action listening) : IDisposable
    {
        public string Channel => channel;

        public Action<ReadOnlyMemory<byte>> Received => received;

        public Action Listening => listening;

        public RedisLink? ConfirmedOn { get; set; }

        public void Dispose() => owner.Remove(this);
    }
}
