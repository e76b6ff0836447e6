namespace LlmOps.Gateway.Routing;

/// <summary>What a circuit breaker does with the next call.</summary>
internal enum BreakerState
{
    /// <summary>It lets calls through, and counts.</summary>
    Closed,

    /// <summary>It lets none through until its cooldown is over.</summary>
    Open,

    /// <summary>It lets single calls through, to see whether the target is back.</summary>
    HalfOpen,
}

/// <summary>Leave to make one call, to be given back with its outcome.</summary>
/// <param name="Generation">The breaker's count of state changes when it was given: outcomes of an earlier state say nothing about the present one.</param>
/// <param name="IsProbe">Whether the call shows if the target is back.</param>
/// <param name="HalfOpens">Whether it is the first such call since the breaker opened.</param>
internal readonly record struct BreakerPass(int Generation, bool IsProbe, bool HalfOpens = false);

/// <summary>
/// Keeps calls from a target that fails: opens, for the very next call, when too many of the recent ones failed or were
/// slow; after a cooldown lets one at a time through, and closes when such a probe succeeds. Thread-safe.
/// </summary>
internal sealed class CircuitBreaker(TimeProvider time)
{
    // The window is counted in slices, of which the oldest falls out when a new one begins.
    private const int Slices = 10;

    private readonly Lock _lock = new();
    private readonly Slice[] _slices = new Slice[Slices];
    private BreakerState _state;
    private int _generation;
    private long _openedAt;
    private int _failuresInARow;
    private long _counted;
    private long _probedAt;
    private bool _probing;

    /// <summary>Its state now, and how long until it lets the next call through; zero where it would do so now.</summary>
    public (BreakerState State, TimeSpan Wait) Look(BreakerOptions options)
    {
        lock (_lock)
        {
            return _state switch
            {
                BreakerState.Open => (BreakerState.Open, Remaining(options)),
                BreakerState.HalfOpen when _probing => (BreakerState.HalfOpen, options.Cooldown - time.GetElapsedTime(_probedAt)),
                _ => (_state, TimeSpan.Zero),
            };
        }
    }

    /// <summary>Asks to make a call; null where none may be made now.</summary>
    public BreakerPass? TryEnter(BreakerOptions options)
    {
        lock (_lock)
        {
            if (_state == BreakerState.Closed)
            {
                return new BreakerPass(_generation, false);
            }

            var halfOpens = _state == BreakerState.Open && Remaining(options) <= TimeSpan.Zero;
            if (halfOpens)
            {
                Change(BreakerState.HalfOpen);
            }

            // A probe that takes long must not keep all others out until it ends.
            if (_state != BreakerState.HalfOpen || (_probing && time.GetElapsedTime(_probedAt) < options.Cooldown))
            {
                return null;
            }

            _probing = true;
            _probedAt = time.GetTimestamp();
            return new BreakerPass(_generation, true, halfOpens);
        }
    }

    /// <summary>The call succeeded or failed. Returns whether that changed the state.</summary>
    public bool Settle(BreakerPass pass, bool failed, bool slow, BreakerOptions options)
    {
        lock (_lock)
        {
            if (pass.Generation != _generation)
            {
                return false;
            }

            if (pass.IsProbe)
            {
                Change(failed || slow ? BreakerState.Open : BreakerState.Closed);
                return true;
            }

            Count(failed, slow, options);
            if (!IsTooMany(options))
            {
                return false;
            }

            Change(BreakerState.Open);
            return true;
        }
    }

    /// <summary>The call came to no end that says anything of the target: its caller left, or its request was at fault.</summary>
    public void Abandon(BreakerPass pass)
    {
        lock (_lock)
        {
            if (pass.IsProbe && pass.Generation == _generation)
            {
                _probing = false;
            }
        }
    }

    private void Count(bool failed, bool slow, BreakerOptions options)
    {
        var number = (long)(time.GetElapsedTime(0) / (options.Window / Slices));
        ref var slice = ref _slices[number % Slices];
        if (slice.Number != number)
        {
            slice = new Slice { Number = number };
        }

        _failuresInARow = !failed ? 0 : number - _counted > Slices ? 1 : _failuresInARow + 1;
        _counted = number;
        slice.Calls++;
        slice.Failures += failed ? 1 : 0;
        slice.Slow += slow ? 1 : 0;
    }

    private bool IsTooMany(BreakerOptions options)
    {
        var now = (long)(time.GetElapsedTime(0) / (options.Window / Slices));
        var (calls, failures, slow) = (0, 0, 0);
        foreach (var slice in _slices)
        {
            if (slice.Number > now - Slices && slice.Number <= now)
            {
                calls += slice.Calls;
                failures += slice.Failures;
                slow += slice.Slow;
            }
        }

        // After a good time at a high rate, the share of failures would rise slowly though nothing works any more.
        return _failuresInARow >= options.MinimumCalls || (calls >= options.MinimumCalls
            && ((failures > 0 && failures >= options.FailureRatio * calls) || (slow > 0 && slow >= options.SlowCallRatio * calls)));
    }

    private TimeSpan Remaining(BreakerOptions options) => options.Cooldown - time.GetElapsedTime(_openedAt);

    private void Change(BreakerState state)
    {
        _state = state;
        _generation++;
        _probing = false;
        _failuresInARow = 0;
        Array.Clear(_slices);
        if (state == BreakerState.Open)
        {
            _openedAt = time.GetTimestamp();
        }
    }

    private struct Slice
    {
        public long Number { get; set; }

        public int Calls { get; set; }

        public int Failures { get; set; }

        public int Slow { get; set; }
    }
}
