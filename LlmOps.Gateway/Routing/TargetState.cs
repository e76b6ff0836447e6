using System.Collections.Concurrent;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Routing;

/// <summary>
/// What is known of one model at one provider from the calls so far: whether to call it now, and how fast it is. Outlives
/// the configuration that names it. Thread-safe.
/// </summary>
internal sealed partial class TargetState(string provider, string model, TimeProvider time, ILogger<TargetState> logger)
{
    // By the key's number; null until one has ever rested, so that looking costs a read.
    private long[]? _restsUntil;
    private readonly Lock _resting = new();
    private int _inFlight;
    private volatile TargetFailure? _lastFailure;

    /// <summary>Keeps calls from it while it fails.</summary>
    public CircuitBreaker Breaker { get; } = new(time);

    /// <summary>How long it takes to its first content.</summary>
    public LatencyEstimate Latency { get; } = new(time);

    /// <summary>Calls that are on their way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Its latest failure; null while there was none.</summary>
    public TargetFailure? LastFailure => _lastFailure;

    /// <summary>How long this key must still leave the target alone; zero or less when it need not.</summary>
    public TimeSpan RestOf(ProviderKey key) => Volatile.Read(ref _restsUntil) is { } until && key.Number < until.Length && Volatile.Read(ref until[key.Number]) is not 0 and var end
        ? time.GetElapsedTime(time.GetTimestamp(), end)
        : TimeSpan.Zero;

    /// <summary>A call begins.</summary>
    public void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>A call is over, however it ended.</summary>
    public void End() => Interlocked.Decrement(ref _inFlight);

    /// <summary>The call has answered.</summary>
    public void Succeeded(BreakerPass pass, bool slow, BreakerOptions options)
    {
        if (!Breaker.Settle(pass, failed: false, slow, options))
        {
            return;
        }

        if (pass.IsProbe)
        {
            LogClosed(provider, model);
        }
        else
        {
            LogOpened(provider, model, options.Cooldown.TotalSeconds, "slowness");
        }
    }

    /// <summary>The call has failed.</summary>
    public void Failed(BreakerPass pass, ProviderException failure, bool blames, BreakerOptions options)
    {
        _lastFailure = new TargetFailure(time.GetUtcNow(), failure.Error, failure.UpstreamStatus);
        if (!blames)
        {
            Breaker.Abandon(pass);
        }
        else if (Breaker.Settle(pass, failed: true, slow: false, options))
        {
            LogOpened(provider, model, options.Cooldown.TotalSeconds, failure.Error.Code);
        }
    }

    /// <summary>The provider asks that the key leave this target alone.</summary>
    public void Rest(ProviderKey key, TimeSpan duration)
    {
        if (duration <= TimeSpan.Zero)
        {
            return;
        }

        var rested = RestOf(key) > TimeSpan.Zero;
        lock (_resting)
        {
            // The number of keys may have changed with the configuration.
            if (_restsUntil is not { } known || known.Length <= key.Number)
            {
                var larger = new long[key.Number + 1];
                _restsUntil?.CopyTo(larger, 0);
                Volatile.Write(ref _restsUntil, larger);
            }

            Volatile.Write(ref _restsUntil[key.Number], time.GetTimestamp() + (long)(duration.TotalSeconds * time.TimestampFrequency));
        }

        if (!rested)
        {
            LogRests(provider, model, key.Number, duration.TotalSeconds);
        }
    }

    /// <summary>The provider does not accept the key, or its account has nothing left.</summary>
    public void SetAside(ProviderKey key, TimeSpan duration, ErrorCode reason)
    {
        if (key.SetAside(duration))
        {
            LogKeySetAside(provider, key.Number, duration.TotalSeconds, reason.Code);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Target {Provider}/{ProviderModel} is left alone for {Seconds} s: too many of its calls failed, the last one by {Reason}.")]
    private partial void LogOpened(string provider, string providerModel, double seconds, string reason);

    [LoggerMessage(LogLevel.Information, "Target {Provider}/{ProviderModel} is back.")]
    private partial void LogClosed(string provider, string providerModel);

    [LoggerMessage(LogLevel.Warning, "Target {Provider}/{ProviderModel} rests for key {KeyNumber} for {Seconds} s, as the provider asked.")]
    private partial void LogRests(string provider, string providerModel, int keyNumber, double seconds);

    [LoggerMessage(LogLevel.Warning, "Key {KeyNumber} of provider {Provider} is set aside for {Seconds} s: {Reason}.")]
    private partial void LogKeySetAside(string provider, int keyNumber, double seconds, string reason);
}

/// <summary>How a call to a target failed; nothing of what was said, which may be a prompt.</summary>
/// <param name="At">When.</param>
/// <param name="Error">As callers are told.</param>
/// <param name="Status">HTTP status of the provider's answer; null without one.</param>
internal sealed record TargetFailure(DateTimeOffset At, ErrorCode Error, int? Status);

/// <summary>The states of all targets that were ever called.</summary>
internal sealed class TargetStates(TimeProvider time, ILogger<TargetState> logger)
{
    // Callers can name any model of a provider: names must not fill the memory.
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<(string Provider, string Model), TargetState> _states = new();

    /// <summary>The state of a target; for more targets than can be kept, a new one each time.</summary>
    public TargetState Of(string provider, string model)
    {
        if (_states.TryGetValue((provider, model), out var known))
        {
            return known;
        }

        var state = new TargetState(provider, model, time, logger);
        return _states.Count < Most ? _states.GetOrAdd((provider, model), state) : state;
    }
}
