using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading.RateLimiting;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Routing;

/// <summary>
/// One request on its way over the targets of its model: which is tried next, how often, and what the caller is told when
/// none could serve. All its attempts share one number and one deadline.
/// </summary>
internal sealed class RouteRun
{
    private readonly GatewayChatOptions _options;
    private readonly bool _streaming;
    private readonly RetryBudget _retries;
    private readonly TimeProvider _time;
    private readonly CancellationToken _caller;
    private readonly RoutingOptions _limits;
    private readonly IReadOnlyList<Target> _targets;
    private int _next;
    private int _tries;
    private int _largerThan;

    // How long to wait before the same target is tried again; null where it is not.
    private TimeSpan? _again;
    private readonly ActivityContext _parent = Activity.Current?.Context ?? default;
    private Target? _current;
    private ProviderKey? _key;
    private bool _refused;
    private Target? _busy;
    private GatewayException? _failure;
    private GatewayException? _unsupported;

    public RouteRun(GatewayChatOptions options, bool streaming, RetryBudget retries, TimeProvider time, CancellationToken caller)
    {
        _options = options;
        _streaming = streaming;
        _retries = retries;
        _time = time;
        _caller = caller;
        Request = options.Request;
        _limits = Request.Configuration.Options.Routing;
        _targets = Arranged(Request);
        retries.Deposit();
    }

    /// <summary>The request's facts.</summary>
    public GatewayRequest Request { get; }

    private TimeSpan Left => Request.Timeout - _time.GetElapsedTime(Request.StartedAt);

    /// <summary>Begins the next attempt, which is the caller's to dispose; waits before it, where that helps.</summary>
    /// <exception cref="GatewayException">There is none to be made: the last failure, or why no target could be called.</exception>
    public ValueTask<Attempt> NextAsync() =>
        _again is { } pause && pause > TimeSpan.Zero ? NextAfterAsync(pause) : Next() is { } attempt ? ValueTask.FromResult(attempt) : LastAsync();

    /// <summary>The options of the attempt's call. One attempt is made at a time: they are the target's meanwhile.</summary>
    public GatewayChatOptions OptionsOf(Attempt attempt)
    {
        var options = _options;
        if (options.TemperatureIsDefault && attempt.Target.Pricing.Facts?.Features?.Contains(ModelFeatures.FixedSampling) == true)
        {
            options = (GatewayChatOptions)options.Clone();
            options.Temperature = null;
        }

        options.Attempt = attempt;
        options.ModelId = attempt.Target.Model;
        return options;
    }

    /// <summary>Takes in that an attempt failed before anything of it had reached the caller.</summary>
    /// <exception cref="Exception">Its failure, where nobody can be tried any more: the caller has left, the gateway stops, or it has a fault of its own.</exception>
    public void GoOnAfter(Attempt attempt, Exception exception)
    {
        if (exception is OperationCanceledException && attempt.Limits.Expired)
        {
            exception = attempt.TimedOut(exception);
        }

        if (exception is not (GatewayException or OperationCanceledException))
        {
            attempt.Failed(exception);
        }

        if (exception is not GatewayException failure || _caller.IsCancellationRequested || Request.Stopping.IsCancellationRequested)
        {
            ExceptionDispatchInfo.Throw(exception);
            return;
        }

        var verdict = attempt.Failed(failure);
        if (_failure is null || verdict is not { Action: FailureAction.NextTarget, BlamesTarget: false })
        {
            // That a stand-in does not have the model says less than why one was needed.
            _failure = failure;
        }

        _again = AfterFailure(attempt, failure, verdict);
    }

    private static IReadOnlyList<Target> Arranged(GatewayRequest request)
    {
        var route = request.Route!;
        if (route.Targets.Count == 1)
        {
            return route.Targets;
        }

        var targets = route.Targets.ToArray();
        route.Strategy.Arrange(targets, request);
        return targets;
    }

    private async ValueTask<Attempt> NextAfterAsync(TimeSpan pause)
    {
        using (var ends = CancellationTokenSource.CreateLinkedTokenSource(_caller, Request.Stopping))
        {
            await Task.Delay(pause, _time, ends.Token);
        }

        return Next() ?? await LastAsync();
    }

    private Attempt? Next()
    {
        _caller.ThrowIfCancellationRequested();
        Request.Stopping.ThrowIfCancellationRequested();
        if (_again is not null)
        {
            _again = null;
            if (Begin(_current!) is { } again)
            {
                return again;
            }
        }

        while (NextTarget() is { } target)
        {
            _tries = 0;
            if (Begin(target) is { } attempt)
            {
                return attempt;
            }
        }

        return null;
    }

    // No target is left but one that has too many calls already: it is waited for, once.
    private async ValueTask<Attempt> LastAsync()
    {
        if (_busy is { } busy && MayCall)
        {
            _busy = null;
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(_caller, Request.Stopping);
            using var late = new CancellationTokenSource(Left, _time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(ends.Token, late.Token);
            try
            {
                var slot = await busy.Slots!.AcquireAsync(1, both.Token);
                _next = _targets.Count;
                _tries = 0;
                if (slot.IsAcquired && Begin(busy, slot) is { } attempt)
                {
                    return attempt;
                }

                slot.Dispose();
            }
            catch (OperationCanceledException) when (!ends.IsCancellationRequested)
            {
                // The request's time is over: told below.
            }
        }

        var failure = _failure ?? (_refused ? null : _unsupported) ?? NoTarget();
        ExceptionDispatchInfo.Throw(failure);
        throw failure;
    }

    // The next that could take the request.
    private Target? NextTarget()
    {
        while (_next < _targets.Count && MayCall)
        {
            var target = _targets[_next++];
            if (IsTooSmall(target))
            {
                continue;
            }

            if (ChatFeatures.Refusal(target, _options) is not { } refusal)
            {
                return target;
            }

            _unsupported ??= refusal;
        }

        return null;
    }

    private bool MayCall => Request.Attempts < _limits.MaxAttempts && Left > TimeSpan.Zero;

    // Of a target whose window is not known nobody can say that it is larger.
    private bool IsTooSmall(Target target) => _largerThan > 0 && (target.ContextWindow ?? 0) <= _largerThan;

    private Attempt? Begin(Target target)
    {
        if (target.Slots is not { } slots)
        {
            return Begin(target, slot: null);
        }

        var slot = slots.AttemptAcquire();
        if (!slot.IsAcquired)
        {
            _refused = true;
            _busy ??= target;
            slot.Dispose();
            return null;
        }

        var attempt = Begin(target, slot);
        if (attempt is null)
        {
            slot.Dispose();
        }

        return attempt;
    }

    // The breaker is asked last: its leave for a probe must not be lost.
    private Attempt? Begin(Target target, RateLimitLease? slot)
    {
        var key = _key ?? target.TakeKey();
        _key = null;
        if (!MayCall || key is null || target.State.Breaker.TryEnter(_limits.Breaker) is not { } pass)
        {
            _refused = true;
            return null;
        }

        _tries++;
        _current = target;
        return new Attempt(target, key, pass, Request, Left, _streaming, _time, _caller) { Slot = slot, Parent = _parent };
    }

    // How long to wait before the target is tried again; null where it is not.
    private TimeSpan? AfterFailure(Attempt attempt, GatewayException failure, FailureVerdict verdict)
    {
        var state = attempt.Target.State;
        switch (verdict.Action)
        {
            case FailureAction.ToCaller:
                _next = _targets.Count;
                _busy = null;
                return null;
            case FailureAction.LargerWindow:
                _largerThan = Math.Max(_largerThan, attempt.Target.ContextWindow ?? int.MaxValue);
                return null;
            case FailureAction.SetKeyAside:
                state.SetAside(attempt.Key, _limits.KeyCooldown, failure.Error);
                return AnotherKey(attempt);
            case FailureAction.KeyNotHere:
                state.LetRest(attempt.Key, failure.RetryAfter > _limits.KeyCooldown ? failure.RetryAfter.Value : _limits.KeyCooldown);
                return AnotherKey(attempt);
            case FailureAction.RestKey:
                state.LetRest(attempt.Key, failure.RetryAfter ?? TimeSpan.Zero);
                return AnotherKey(attempt) ?? Retry(attempt, failure);
            case FailureAction.RetryHere:
                return Retry(attempt, failure);
            default:
                return null;
        }
    }

    // Another key is another account: no retry, and at once. One attempt is left for the next target.
    private TimeSpan? AnotherKey(Attempt attempt)
    {
        var keys = attempt.Target.Keys;
        var mayTry = _tries < keys.All.Count && (_next >= _targets.Count || Request.Attempts + 1 < _limits.MaxAttempts);
        _key = mayTry ? keys.After(attempt.Key, attempt.Target.State) : null;
        return _key is null ? null : TimeSpan.Zero;
    }

    private TimeSpan? Retry(Attempt attempt, GatewayException failure)
    {
        if (_tries >= _limits.TriesPerTarget || !MayCall)
        {
            return null;
        }

        // A bit more than asked: a timer may be early.
        var asked = failure.RetryAfter is { } told && told > TimeSpan.Zero ? told + TimeSpan.FromMilliseconds(20) : (TimeSpan?)null;
        if (asked is { } wanted && (wanted > _limits.MaxBackoff || AnotherCanServe()))
        {
            // What a provider asks for is waited for only where it is short, and nobody else could serve meanwhile.
            return null;
        }

        // Exponential, with full jitter: callers that failed together do not come back together.
        var most = Math.Min(_limits.Backoff.TotalSeconds * Math.Pow(2, _tries - 1), _limits.MaxBackoff.TotalSeconds);
        var wait = asked ?? TimeSpan.FromSeconds(most * Random.Shared.NextDouble());

        // This failure, or that of others, may have opened the breaker meanwhile.
        return wait < Left && attempt.Target.State.Breaker.Look(_limits.Breaker).Wait <= wait && _retries.TryTake() ? wait : null;
    }

    private bool AnotherCanServe()
    {
        for (var index = _next; index < _targets.Count; index++)
        {
            var target = _targets[index];
            if (!IsTooSmall(target) && target.Wait(_limits.Breaker) <= TimeSpan.Zero && ChatFeatures.Refusal(target, _options) is null)
            {
                return true;
            }
        }

        return false;
    }

    // Nobody was called: all are open, or their keys rest. Come back when the first of them may be called again.
    private GatewayException NoTarget()
    {
        if (Left <= TimeSpan.Zero)
        {
            return new GatewayException(ErrorCode.DeadlineExceeded, $"The request's {Request.Timeout.TotalSeconds:0.###} s were over before a provider was called.");
        }

        var soonest = _targets.Min(target => target.Wait(_limits.Breaker));
        return new GatewayException(
            ErrorCode.NoTargetAvailable,
            $"No target of model '{Shown.Short(Request.Route!.Name)}' can be called now: {string.Join("; ", _targets.Select(Why).Distinct())}.")
        {
            RetryAfter = soonest > TimeSpan.FromSeconds(1) ? soonest : TimeSpan.FromSeconds(1),
        };
    }

    private string Why(Target target) => target.State.Breaker.Look(_limits.Breaker).State switch
    {
        not BreakerState.Closed when target.State.LastFailure is { } last => $"provider '{target.Provider}' failed too often, the last time with {last.Error.Code}",
        not BreakerState.Closed => $"provider '{target.Provider}' was too slow",
        _ when target.TakeKey() is null => $"the keys of provider '{target.Provider}' rest, or were not accepted",
        _ => $"provider '{target.Provider}' has as many calls as it may have, and as many waiting",
    };
}
