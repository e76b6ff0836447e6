using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace LlmOps.Gateway.Redis;

/// <summary>
/// Sends each command to its server: there is one, or a cluster, whose nodes it learns from CLUSTER SLOTS and from their
/// redirections. What has no key, or a slot nobody is known to have, goes to the server of the connection string.
/// </summary>
internal sealed partial class RedisRouter : IAsyncDisposable
{
    private const int MostRedirections = 5;
    private const int MostNodes = 1_000;

    // So often the map of slots is asked for at most.
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(1);

    private readonly RedisSettings _settings;
    private readonly RedisConnector _connector;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<RedisAddress, RedisNode> _nodes = new();
    private readonly Lock _lock = new();
    private readonly RedisNode _entry;
    private readonly CancellationTokenSource _stopping = new();

    // Null until a server has shown that it is a node of a cluster.
    private volatile RedisNode?[]? _slots;
    private List<RedisAddress> _missing = [];
    private Task _refreshing = Task.CompletedTask;
    private bool _isRefreshing;
    private bool _isStale;
    private bool _disposed;

    /// <summary>Begins to connect.</summary>
    public RedisRouter(RedisSettings settings, TimeProvider time, ILogger logger)
    {
        (_settings, _connector, _time, _logger) = (settings, new RedisConnector(settings, time), time, logger);
        _entry = new RedisNode(() => KnownAddresses, _connector, settings.Options, EntryConnected, time, logger);
        _entry.Start();
    }

    /// <summary>Where servers are: those of the connection string, then the nodes that were learnt.</summary>
    public IReadOnlyList<RedisAddress> KnownAddresses => [.. _settings.Server.Addresses, .. _nodes.Keys.Except(_settings.Server.Addresses)];

    /// <summary>Whether a call made now would be sent, by some node at least.</summary>
    public bool IsAvailable => _slots is null ? _entry.IsAvailable : _entry.IsAvailable || _nodes.Values.Any(node => node.IsAvailable);

    /// <summary>The servers by their addresses, each with why it is not available, or null.</summary>
    public IReadOnlyList<(RedisAddress Address, string? Fault)> Servers =>
        _slots is null || _nodes.IsEmpty ? [(_entry.Address, _entry.Fault)] : [.. _nodes.Select(node => (node.Key, node.Value.Fault))];

    /// <summary>Runs a command.</summary>
    /// <exception cref="RedisException">There is no answer, or it is an error.</exception>
    // The frames of calls in flight are used again, here and further in: a call takes 200 bytes beside its value, not 1,100.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RedisReply> SendAsync(RedisCommand command, CancellationToken cancellationToken)
    {
        var startedAt = _time.GetTimestamp();
        var (node, asking) = (NodeOf(command), false);
        for (var redirections = 0; ; redirections++)
        {
            var reply = await SendAsync(node, command, asking, startedAt, cancellationToken);
            if (!reply.IsError)
            {
                return reply;
            }

            if (redirections == MostRedirections || RedisRedirection.From(reply, node.Address.Host) is not { } redirection)
            {
                throw RedisException.Server(reply);
            }

            if (_time.GetElapsedTime(startedAt) > _settings.Options.CallTimeout)
            {
                throw RedisException.Deadline(_settings.Options.CallTimeout);
            }

            (node, asking) = (Follow(redirection), redirection.IsAsk);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        await _stopping.CancelAsync();
        await _refreshing;
        foreach (var node in _nodes.Values.Append(_entry))
        {
            await node.DisposeAsync();
        }

        _stopping.Dispose();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RedisReply> SendAsync(RedisNode node, RedisCommand command, bool asking, long startedAt, CancellationToken cancellationToken)
    {
        try
        {
            return await node.SendAsync(command, asking, startedAt, cancellationToken);
        }
        catch (RedisException exception) when (exception.Reason == RedisFailure.Unavailable && _slots is not null)
        {
            // Another node may have taken its slots over, and nobody is left to say so.
            Refresh();
            throw;
        }
    }

    private RedisNode NodeOf(RedisCommand command) =>
        _slots is { } slots && command.Key is { } key ? slots[RedisSlots.Of(key.ToBytes().Span)] ?? _entry : _entry;

    /// <summary>The node that a redirection leads to; from now on all of the slot goes there, unless this was for one call.</summary>
    private RedisNode Follow(RedisRedirection redirection)
    {
        var node = NodeAt(redirection.Address);
        if (!redirection.IsAsk)
        {
            var slots = _slots ??= new RedisNode?[RedisSlots.Count];
            Volatile.Write(ref slots[redirection.Slot], node);
            Refresh();
        }

        return node;
    }

    private RedisNode NodeAt(RedisAddress address)
    {
        if (_nodes.TryGetValue(address, out var known))
        {
            return known;
        }

        lock (_lock)
        {
            if (_disposed || _nodes.Count >= MostNodes)
            {
                throw RedisException.Unavailable("no further node of the cluster can be connected to");
            }

            return _nodes.GetOrAdd(
                address,
                static (address, router) => new RedisNode(() => [address], router._connector, router._settings.Options, _ => { }, router._time, router._logger).Start(),
                this);
        }
    }

    private void EntryConnected(RedisHandshake server)
    {
        if (server.IsCluster)
        {
            _slots ??= new RedisNode?[RedisSlots.Count];
            Refresh();
        }
    }

    /// <summary>Asks for the map of slots, in the background and so often at most; not at all would leave what is not true any more.</summary>
    private void Refresh()
    {
        lock (_lock)
        {
            _isStale = true;
            if (!_isRefreshing && !_disposed)
            {
                _isRefreshing = true;
                _refreshing = Task.Run(RefreshAsync);
            }
        }
    }

    private async Task RefreshAsync()
    {
        try
        {
            while (BeginRefresh())
            {
                await AskForSlotsAsync();
                await Task.Delay(RefreshInterval, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private bool BeginRefresh()
    {
        lock (_lock)
        {
            (_isRefreshing, _isStale) = (_isStale, false);
            return _isRefreshing;
        }
    }

    private async Task AskForSlotsAsync()
    {
        foreach (var node in _nodes.Values.Prepend(_entry).Where(node => node.IsAvailable))
        {
            try
            {
                var reply = await node.SendAsync(new RedisCommand("CLUSTER", "SLOTS"), asking: false, _time.GetTimestamp(), _stopping.Token);
                if (!reply.IsError)
                {
                    await TakeAsync(RedisSlotRange.AllOf(reply, node.Address.Host));
                    return;
                }
            }
            catch (RedisException exception)
            {
                // The next one may know.
                LogNoSlots(node.Address, exception.Why);
            }
        }
    }

    /// <summary>
    /// Takes the map over. Nodes that are not in it are left when the next one has not got them either: whoever was asked may
    /// not have heard of them yet, and calls may be on their way.
    /// </summary>
    private async Task TakeAsync(IReadOnlyList<RedisSlotRange> ranges)
    {
        var slots = new RedisNode?[RedisSlots.Count];
        foreach (var (first, last, address) in ranges)
        {
            slots.AsSpan(first..(last + 1)).Fill(NodeAt(address));
        }

        _slots = slots;
        var missing = _nodes.Keys.Except(ranges.Select(range => range.Address)).ToList();
        foreach (var address in missing.Intersect(_missing))
        {
            if (_nodes.TryRemove(address, out var node))
            {
                await node.DisposeAsync();
            }
        }

        _missing = [.. missing.Except(_missing)];
        if (_missing.Count > 0)
        {
            Refresh();
        }
    }

    [LoggerMessage(LogLevel.Debug, "Redis at {Address} did not say which nodes of the cluster have which keys: {Reason}.")]
    private partial void LogNoSlots(RedisAddress address, string reason);
}
