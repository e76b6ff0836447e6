using System.Collections.Immutable;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Redis;

namespace LlmOps.Gateway.Caching.Answers;

/// <summary>
/// When what belongs to a tenant, a model or a prompt was last cleared: a number that only grows and is never used again. It is
/// part of every key, so that after a clearing nothing from before is found any more, neither here nor in Redis, nor what
/// is only being made. With Redis the numbers are one for all replicas, which read them twice a second. Thread-safe.
/// </summary>
/// <remarks>
/// Every replica has all numbers, and of two the larger holds. So they can be merged in any order and any number of times, and
/// whatever Redis loses (a hash that was evicted or deleted, a failover to a copy that was behind) any replica gives back to it.
/// </remarks>
internal sealed partial class CacheGenerations : IHostedService, IDisposable
{
    /// <summary>The scope of everything.</summary>
    public const string All = "all";

    /// <summary>
    /// From so many scopes on, a new one is not kept: clearing it clears everything instead. All numbers are in memory and are
    /// read twice a second, whatever names they are given.
    /// </summary>
    public const int MostScopes = 10_000;

    // From so many on, forgetting all of the memory is less work than looking for what belongs to each.
    private const int ManyScopes = 100;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    // Older numbers are not relied on: what was cleared meanwhile is not known.
    private static readonly TimeSpan Trusted = TimeSpan.FromSeconds(2);

    private readonly IRedis _redis;
    private readonly RedisGenerations _shared;
    private readonly TimeProvider _time;
    private readonly ILogger<CacheGenerations> _logger;
    private readonly Lock _lock = new();

    private volatile CacheNumbers _numbers = CacheNumbers.None;

    // Clearings that Redis does not have yet, with their numbers here.
    private volatile ImmutableDictionary<string, long> _untold = ImmutableDictionary<string, long>.Empty;
    private long _readAt;
    private bool _isTold;
    private PeriodicTimer? _timer;
    private Task _reading = Task.CompletedTask;

    public CacheGenerations(IRedis redis, TimeProvider time, ILogger<CacheGenerations> logger) =>
        (_redis, _shared, _time, _logger) = (redis, new RedisGenerations(redis), time, logger);

    /// <summary>Whether the numbers are those of all replicas; while they are not, Redis is not asked for answers.</summary>
    public bool Known => !_redis.IsConfigured || (_untold.IsEmpty && Volatile.Read(ref _readAt) is not 0 and var at && _time.GetElapsedTime(at) < Trusted);

    /// <summary>Whether Redis has not told its numbers yet: what it tells first was cleared before this process began, or by it.</summary>
    public bool IsFirstReading => _redis.IsConfigured && Volatile.Read(ref _readAt) == 0;

    /// <summary>Called with each scope that was cleared, or with <see cref="All"/> for many.</summary>
    public event Action<string>? Cleared;

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The scope of what belongs to a tenant, a model or a prompt.</summary>
    public static string Scope(string kind, string name) => $"{kind}:{name}";

    /// <summary>The numbers that hold for a request, all of one moment.</summary>
    public string Of(GatewayRequest request) => Of(request.Principal.Tenant, request.Route!.Name, request.Prompt?.Name);

    /// <summary>The numbers that hold for a tenant, a model and a prompt, all of one moment.</summary>
    public string Of(string tenant, string model, string? prompt)
    {
        var numbers = _numbers;
        if (!numbers.HasScopes)
        {
            return numbers.OfAll;
        }

        var (ofTenant, ofModel, ofPrompt) = (numbers.Of(Scope("tenant", tenant)), numbers.Of(Scope("model", model)), prompt is null ? 0 : numbers.Of(Scope("prompt", prompt)));
        return (ofTenant | ofModel | ofPrompt) == 0 ? numbers.OfAll : $"{numbers.OfAll}.{ofTenant}.{ofModel}.{ofPrompt}";
    }

    /// <summary>Clears a scope, here at once, and on all replicas that Redis reaches.</summary>
    /// <returns>
    /// What was cleared, which is everything where there are too many scopes; and whether Redis has it, from which all replicas
    /// read it within a second. Else they read it when Redis is back, if this replica has not ended before.
    /// </returns>
    public async Task<(string Cleared, bool AllReplicas)> ClearAsync(string scope)
    {
        KeyValuePair<string, long> clearing;
        lock (_lock)
        {
            scope = _numbers.Keeps(scope) ? scope : All;
            clearing = new(scope, Math.Max(Math.Max(_numbers.Of(scope), _numbers.Of(All)) + 1, Now));
            _numbers = _numbers.With(scope, clearing.Value);
        }

        Cleared?.Invoke(scope);
        if (!_redis.IsConfigured)
        {
            return (scope, true);
        }

        try
        {
            // Whoever asked may leave; what was asked for is done all the same.
            Take(await _shared.MergeAsync([clearing], isClearing: true));
            return (scope, true);
        }
        catch (RedisException)
        {
            lock (_lock)
            {
                _untold = _untold.SetItem(scope, clearing.Value);
            }

            return (scope, false);
        }
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_redis.IsConfigured)
        {
            _timer = new PeriodicTimer(Period, _time);
            _reading = KeepReadingAsync(_timer);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _timer?.Dispose();
        return _reading;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private async Task KeepReadingAsync(PeriodicTimer timer)
    {
        do
        {
            await ReadAsync();
        }
        while (await timer.WaitForNextTickAsync());
    }

    private async Task ReadAsync()
    {
        try
        {
            var begun = _time.GetTimestamp();
            var lost = TakeAll(await _shared.ReadAsync());
            Volatile.Write(ref _readAt, begun);
            await TellAsync(_untold);
            Take(await _shared.MergeAsync(lost, isClearing: false));
            _isTold = false;
        }
        catch (Exception exception)
        {
            // Whatever it is, the next reading may go better. That Redis is away, its client tells.
            if (!_isTold && !Known && (_readAt != 0 || exception is not RedisException { Reason: not RedisFailure.Server }))
            {
                _isTold = true;
                LogUnknown(exception is RedisException ? exception.Message : exception.GetType().Name);
            }
        }
    }

    /// <summary>Takes over what Redis has; returns what Redis has lost.</summary>
    private List<KeyValuePair<string, long>> TakeAll(Dictionary<string, long?> theirs)
    {
        var own = _numbers;
        var now = Math.Max(Now, own.Of(All) + 1);

        // When one that cannot be read was cleared, nobody knows: now, if it is not known here.
        var read = theirs.ToDictionary(number => number.Key, number => number.Value ?? own.ByScope.GetValueOrDefault(number.Key, now));
        Take(read);
        if (_numbers.Of(All) == 0)
        {
            // Redis has lost the numbers, or never had any: answers from before may still lie there.
            Take([new(All, now)]);
        }

        // That of everything last: to a replica that finds it missing, everything is cleared; so none believes in the half of them.
        return
        [
            .. read.Where(number => theirs[number.Key] is null),
            .. _numbers.ByScope.Where(number => read.GetValueOrDefault(number.Key) < number.Value).OrderBy(number => number.Key == All),
        ];
    }

    private async Task TellAsync(ImmutableDictionary<string, long> clearings)
    {
        Take(await _shared.MergeAsync(clearings, isClearing: true));
        lock (_lock)
        {
            // But what was cleared once more meanwhile.
            _untold = _untold.RemoveRange(clearings.Where(_untold.Contains).Select(clearing => clearing.Key));
        }
    }

    /// <summary>Takes larger numbers over: only upwards, as an answer of Redis may be from before a clearing.</summary>
    private void Take(IReadOnlyCollection<KeyValuePair<string, long>> numbers)
    {
        var cleared = new List<string>();
        lock (_lock)
        {
            foreach (var (scope, number) in numbers)
            {
                // A scope too many counts for everything, once.
                var kept = _numbers.Keeps(scope) ? scope : All;
                if (number > _numbers.Of(kept))
                {
                    _numbers = _numbers.With(kept, number);
                    cleared.Add(kept);
                }
            }
        }

        foreach (var scope in cleared.Count < ManyScopes ? cleared : [All])
        {
            Cleared?.Invoke(scope);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Redis is not asked for answers until all replicas can know what was cleared: {Reason}")]
    private partial void LogUnknown(string reason);
}
