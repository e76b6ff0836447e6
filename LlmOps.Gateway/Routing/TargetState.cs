using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.RateLimiting;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Providers;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Gateway.Routing;

/// <summary>
/// What is known of one model at one provider from the calls so far: whether to call it now, and how fast it is. Outlives
/// the configuration that names it. Thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The limiter holds nothing but memory, and calls of an older configuration may still use it.")]
internal sealed partial class TargetState(string provider, string model, TimeProvider time, ILogger<TargetState> logger)
{
    // Whatever a provider asks.
    private static readonly TimeSpan LongestRest = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();

    // By the key's number; null until one has ever rested, so that looking costs a read.
    private Rest?[]? _rests;
    private ConcurrencyLimiter? _slots;
    private (int Calls, int Waiting) _slotsOf;
    private int _inFlight;
    private volatile TargetFailure? _lastFailure;

    /// <summary>Keeps calls from it while it fails.</summary>
    public CircuitBreaker Breaker { get; } = new(time);

    /// <summary>How long it takes to its first content.</summary>
    public LatencyEstimate Latency { get; } = new(time);

    /// <summary>How long its latest streams took to their first content.</summary>
    public RecentLatencies Streams { get; } = new();

    /// <summary>How long its latest whole answers took.</summary>
    public RecentLatencies Answers { get; } = new();

    /// <summary>Calls that are on their way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Its latest failure; null while there was none.</summary>
    public TargetFailure? LastFailure => _lastFailure;

    /// <summary>How long this key must still leave the target alone; zero or less when it need not.</summary>
    public TimeSpan RestOf(ProviderKey key) =>
        Volatile.Read(ref _rests) is { } rests && key.Number < rests.Length && Volatile.Read(ref rests[key.Number]) is { } rest && rest.Key?.Reveal() == key.Value?.Reveal()
            ? time.GetElapsedTime(time.GetTimestamp(), rest.Until)
            : TimeSpan.Zero;

    /// <summary>So many calls at a time, and so many that wait: the same limiter for whoever names the same numbers, so that a reload does not double them.</summary>
    public ConcurrencyLimiter Slots(int calls, int waiting)
    {
        lock (_lock)
        {
            if (_slots is null || _slotsOf != (calls, waiting))
            {
                // Who holds a slot of the one before gives it back there; it is never disposed, for it holds nothing but memory.
                _slotsOf = (calls, waiting);
                _slots = new ConcurrencyLimiter(new ConcurrencyLimiterOptions { PermitLimit = calls, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
            }

            return _slots;
        }
    }

    /// <summary>Asks its breaker to make a call; null where none may be made now.</summary>
    public BreakerPass? TryEnter(BreakerOptions options)
    {
        var pass = Breaker.TryEnter(options);
        switch (pass?.Entered)
        {
            case BreakerState.HalfOpen:
                LogHalfOpened(provider, model);
                break;
            case BreakerState.Closed:
                LogClosed(provider, model);
                break;
        }

        return pass;
    }

    /// <summary>A call begins.</summary>
    public void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>A call is over, however it ended.</summary>
    public void End() => Interlocked.Decrement(ref _inFlight);

    /// <summary>The call has content, and may yet break off.</summary>
    public void HasContent(BreakerPass pass, bool slow, BreakerOptions options)
    {
        if (Breaker.HasContent(pass, slow))
        {
            LogOpened(provider, model, options.Cooldown.TotalSeconds, "slowness");
        }
    }

    /// <summary>The call has answered.</summary>
    public void Succeeded(BreakerPass pass, bool slow, BreakerOptions options)
    {
        if (!Breaker.Settle(pass, failed: false, slow, options))
        {
            return;
        }

        if (pass.IsProbe && !slow)
        {
            LogClosed(provider, model);
        }
        else
        {
            LogOpened(provider, model, options.Cooldown.TotalSeconds, "slowness");
        }
    }

    /// <summary>The call has failed.</summary>
    public void Failed(BreakerPass pass, ProviderException failure, FailureVerdict verdict, BreakerOptions options, bool hadContent)
    {
        if (verdict.Action != FailureAction.ToCaller)
        {
            _lastFailure = new TargetFailure(time.GetUtcNow(), failure.Error, failure.UpstreamStatus);
        }

        if (!verdict.BlamesTarget)
        {
            Breaker.Abandon(pass);
        }
        else if (Breaker.Settle(pass, failed: true, slow: false, options, hadContent))
        {
            LogOpened(provider, model, options.Cooldown.TotalSeconds, failure.Error.Code);
        }
    }

    /// <summary>The key is to leave this target alone.</summary>
    public void LetRest(ProviderKey key, TimeSpan duration)
    {
        if (duration <= TimeSpan.Zero)
        {
            return;
        }

        duration = duration < LongestRest ? duration : LongestRest;
        var rested = RestOf(key) > TimeSpan.Zero;
        lock (_lock)
        {
            // The configuration may have more keys by now.
            if (_rests is not { } known || known.Length <= key.Number)
            {
                var larger = new Rest?[key.Number + 1];
                _rests?.CopyTo(larger, 0);
                Volatile.Write(ref _rests, larger);
            }

            // A longer rest that was asked for before still holds.
            if (RestOf(key) < duration)
            {
                Volatile.Write(ref _rests[key.Number], new Rest(key.Value, time.GetTimestamp() + (long)(duration.TotalSeconds * time.TimestampFrequency)));
            }
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

    [LoggerMessage(LogLevel.Information, "Target {Provider}/{ProviderModel} is tried by a single call.")]
    private partial void LogHalfOpened(string provider, string providerModel);

    [LoggerMessage(LogLevel.Information, "Target {Provider}/{ProviderModel} is back.")]
    private partial void LogClosed(string provider, string providerModel);

    [LoggerMessage(LogLevel.Warning, "Target {Provider}/{ProviderModel} rests for key {KeyNumber} for {Seconds} s: the rate or the quota is used up.")]
    private partial void LogRests(string provider, string providerModel, int keyNumber, double seconds);

    [LoggerMessage(LogLevel.Warning, "Key {KeyNumber} of provider {Provider} is set aside for {Seconds} s: {Reason}.")]
    private partial void LogKeySetAside(string provider, int keyNumber, double seconds, string reason);

    /// <summary>Until when a key rests. By its value: another key in its place need not.</summary>
    private sealed record Rest(Secret? Key, long Until);
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

    /// <summary>A state for one request, which nobody else looks at and the log does not tell of.</summary>
    public TargetState Apart(string provider, string model) => new(provider, model, time, NullLogger<TargetState>.Instance);

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
