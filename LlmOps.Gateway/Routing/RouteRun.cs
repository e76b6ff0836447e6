using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading.RateLimiting;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;

namespace LlmOps.Gateway.Routing;

/// <summary>
/// The attempts of one request, one after the other or, where its model hedges, two at once: where each goes, how long is waited before it, and the failure that
/// the caller is told when none could serve. All of them share one number; the deadline is the request's.
/// </summary>
internal sealed class RouteRun
{
    // A local model's 95 % may be less than a millisecond.
    private static readonly TimeSpan ShortestHedge = TimeSpan.FromMilliseconds(10);

    private readonly IRoutedCall _call;
    private readonly bool _streaming;
    private readonly RetryBudget _retries;
    private readonly TimeProvider _time;
    private readonly CancellationToken _caller;
    private readonly RoutingOptions _limits;
    private readonly RouteTargets _targets;

    // Of a request whose tools were called: each time that its model is asked is a run of its own.
    private readonly int _before;
    private readonly ActivityContext _parent = Activity.Current?.Context ?? default;

    // The target that is to be called once more.
    private Again? _again;

    private Target? _busy;
    private bool _refused;
    private GatewayException? _failure;
    private Attempt? _failed;

    public RouteRun(IRoutedCall call, bool streaming, RetryBudget retries, TimeProvider time, CancellationToken caller)
    {
        _call = call;
        _streaming = streaming;
        _retries = retries;
        _time = time;
        _caller = caller;
        Request = call.Request;
        _before = Request.Attempts;
        _limits = Request.Configuration.Options.Routing;
        _targets = new RouteTargets(call);
        retries.Deposit();
    }

    /// <summary>The request's facts.</summary>
    public GatewayRequest Request { get; }

    /// <summary>Whether a second target is asked where the first is late.</summary>
    public bool Hedges => Request.Route!.Hedging is not null;

    /// <summary>Whether nobody else is to be tried, as the request itself is at fault.</summary>
    public bool IsOver { get; private set; }

    private TimeSpan Left => Request.Timeout - _time.GetElapsedTime(Request.StartedAt);

    // Whether what is held of the caller's budgets pays for another call.
    private bool IsPaid => Request.Payer.Reservation is not { } reservation || reservation.Covers(Request.Payer, Beside);

    // The most that calls beside the payer's own cost.
    private NanoUsd Beside => Request.IsBeside && RequestBudgets.MostAtOnce(Request) is { } most ? most : new NanoUsd(0);

    private int Attempts => Request.Attempts - _before;

    private bool MayCall => Attempts < _limits.MaxAttempts && Left > TimeSpan.Zero;

    /// <summary>Begins the next attempt, which is the caller's to dispose; waits before it, where that helps.</summary>
    /// <exception cref="GatewayException">There is none to be made: the last failure, or why no target could be called.</exception>
    public ValueTask<Attempt> NextAsync() => IsPaid ? BeginNextAsync() : PayAndBeginNextAsync();

    private ValueTask<Attempt> BeginNextAsync() =>
        _again is { Wait: var pause } && pause > TimeSpan.Zero ? NextAfterAsync(pause) : Next() is { } attempt ? ValueTask.FromResult(attempt) : LastAsync();

    /// <summary>How long an attempt may go without content before <see cref="Hedge"/> is asked for another.</summary>
    public TimeSpan HedgeAfter(Attempt attempt)
    {
        var hedging = Request.Route!.Hedging!;
        var recent = _streaming ? attempt.Target.State.Streams : attempt.Target.State.Answers;
        return (hedging.Mode == HedgingMode.P95 ? recent.P95 : null) is not { } late ? hedging.Delay : late > ShortestHedge ? late : ShortestHedge;
    }

    /// <summary>Begins an attempt beside one whose answer is late: at the next target, or again where one failed meanwhile; null where none can be made.</summary>
    public Attempt? Hedge()
    {
        if (_caller.IsCancellationRequested || Request.Stopping.IsCancellationRequested || IsOver || !MayCall || !IsPaid)
        {
            return null;
        }

        return _again is { } once && once.Wait <= HedgeAfter(once.After) ? Next()
            : _targets.AnyCanServeNow() && _retries.TryTake() ? NextTarget()
            : null;
    }

    /// <summary>Takes in that an attempt failed before anything of it had reached the caller.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="exception">How.</param>
    /// <param name="besideAnother">Whether another attempt is still on its way.</param>
    /// <exception cref="Exception">Its failure, where nobody can be tried any more: the caller has left, the gateway stops, or it has a fault of its own.</exception>
    public void GoOnAfter(Attempt attempt, Exception exception, bool besideAnother = false)
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
            (_failure, _failed) = (failure, attempt);
        }

        var again = AfterFailure(attempt, failure, verdict, besideAnother);
        _again = IsOver ? null : again ?? _again;
    }

    private async ValueTask<Attempt> PayAndBeginNextAsync()
    {
        var reservation = Request.Payer.Reservation!;
        if (MayCall && !IsOver && await reservation.CoverAsync(Request.Payer, Beside) is { } refusal)
        {
            throw refusal;
        }

        return await BeginNextAsync();
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
        if (_again is { } once)
        {
            _again = null;
            if (Begin(once.After.Target, once.Key, once.After.Try + 1) is { } again)
            {
                return again;
            }
        }

        return NextTarget();
    }

    private Attempt? NextTarget()
    {
        while (!IsOver && MayCall && _targets.Next() is { } target)
        {
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
        if (_busy is { } busy && MayCall && !IsOver)
        {
            _busy = null;
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(_caller, Request.Stopping);
            using var late = new CancellationTokenSource(Left, _time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(ends.Token, late.Token);
            try
            {
                var slot = await busy.Slots!.AcquireAsync(1, both.Token);
                if (slot.IsAcquired && Begin(busy, key: null, number: 1, slot) is { } attempt)
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

        Request.Attempt = _failed ?? Request.Attempt;
        var failure = _failure ?? (_refused ? null : _targets.Refusal) ?? NobodyCalled();
        ExceptionDispatchInfo.Throw(failure);
        throw failure;
    }

    private GatewayException NobodyCalled() => Left > TimeSpan.Zero
        ? _targets.NoneAvailable()
        : new GatewayException(ErrorCode.DeadlineExceeded, $"The request's {Request.Timeout.TotalSeconds:0.###} s were over before a provider was called.");

    private Attempt? Begin(Target target, ProviderKey? key = null, int number = 1)
    {
        if (target.Slots is not { } slots)
        {
            return Begin(target, key, number, slot: null);
        }

        var slot = slots.AttemptAcquire();
        if (!slot.IsAcquired)
        {
            _refused = true;
            _busy ??= target;
            slot.Dispose();
            return null;
        }

        var attempt = Begin(target, key, number, slot);
        if (attempt is null)
        {
            slot.Dispose();
        }

        return attempt;
    }

    // The breaker is asked last: its leave for a probe must not be lost.
    private Attempt? Begin(Target target, ProviderKey? key, int number, RateLimitLease? slot)
    {
        key ??= target.TakeKey();
        if (!MayCall || key is null || target.State.TryEnter(_limits.Breaker) is not { } pass)
        {
            _refused = true;
            return null;
        }

        return new Attempt(target, key, pass, _call, Left, _streaming, _time, _caller) { Try = number, Slot = slot, Parent = _parent };
    }

    private Again? AfterFailure(Attempt attempt, GatewayException failure, FailureVerdict verdict, bool besideAnother)
    {
        var state = attempt.Target.State;
        switch (verdict.Action)
        {
            case FailureAction.ToCaller:
                IsOver = true;
                return null;
            case FailureAction.LargerWindow:
                _targets.OnlyLargerThan(attempt.Target);
                return null;
            case FailureAction.SetKeyAside:
                state.SetAside(attempt.Key, _limits.KeyCooldown, failure.Error);
                return AnotherKey(attempt);
            case FailureAction.KeyNotHere:
                state.LetRest(attempt.Key, failure.RetryAfter > _limits.KeyCooldown ? failure.RetryAfter.Value : _limits.KeyCooldown);
                return AnotherKey(attempt);
            case FailureAction.RestKey:
                return AfterRate(attempt, failure, besideAnother);
            case FailureAction.RetryHere:
                return Retry(attempt, failure);
            default:
                return null;
        }
    }

    private Again? AfterRate(Attempt attempt, GatewayException failure, bool besideAnother)
    {
        var other = AnotherKey(attempt);
        if (failure.RetryAfter is { } asked)
        {
            attempt.Target.State.LetRest(attempt.Key, asked);
            return other ?? Retry(attempt, failure);
        }

        // It does not say for how long. While others can serve it is left alone for as long as a target that fails.
        if (other is null && !besideAnother && !_targets.AnyCanServeNow())
        {
            return Retry(attempt, failure);
        }

        attempt.Target.State.LetRest(attempt.Key, _limits.Breaker.Cooldown);
        return other;
    }

    // Another key is another account: no retry, and at once. One attempt is left for the next target.
    private Again? AnotherKey(Attempt attempt)
    {
        var keys = attempt.Target.Keys;
        var mayTry = attempt.Try < keys.All.Count && (_targets.AtEnd || Attempts + 1 < _limits.MaxAttempts);
        return mayTry && keys.After(attempt.Key, attempt.Target.State) is { } key ? new Again(attempt, TimeSpan.Zero, key) : null;
    }

    private Again? Retry(Attempt attempt, GatewayException failure)
    {
        if (attempt.Try >= _limits.TriesPerTarget || !MayCall)
        {
            return null;
        }

        // A bit more than asked: a timer may be early.
        var asked = failure.RetryAfter is { } told && told > TimeSpan.Zero ? told + TimeSpan.FromMilliseconds(20) : (TimeSpan?)null;
        if (asked is { } wanted && (wanted > _limits.MaxBackoff || _targets.AnyCanServeNow()))
        {
            // What a provider asks for is waited for only where it is short, and nobody else could serve meanwhile.
            return null;
        }

        // Exponential, with full jitter: callers that failed together do not come back together.
        var most = Math.Min(_limits.Backoff.TotalSeconds * Math.Pow(2, attempt.Try - 1), _limits.MaxBackoff.TotalSeconds);
        var wait = asked ?? TimeSpan.FromSeconds(most * Random.Shared.NextDouble());

        // This failure, or that of others, may have opened the breaker meanwhile.
        return wait < Left && attempt.Target.State.Breaker.Look(_limits.Breaker).Wait <= wait && _retries.TryTake() ? new Again(attempt, wait, null) : null;
    }

    /// <summary>The same target once more.</summary>
    /// <param name="After">The attempt that failed.</param>
    /// <param name="Wait">How long before.</param>
    /// <param name="Key">With which of its provider's keys; null for whichever is next.</param>
    private readonly record struct Again(Attempt After, TimeSpan Wait, ProviderKey? Key);
}
