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
/// <param name="Began">When it was given, as a timestamp of the clock.</param>
/// <param name="Probe">Its number among the calls that show if the target is back; 0 for one that need not.</param>
internal readonly record struct BreakerPass(int Generation, long Began, int Probe = 0)
{
    /// <summary>Whether the call shows if the target is back.</summary>
    public bool IsProbe => Probe > 0;

    /// <summary>The state that the breaker went into as the leave was given; null where it stayed.</summary>
    public BreakerState? Entered { get; init; }
}

/// <summary>
/// Keeps calls from a target that fails: opens, for the very next call, when too many of the recent ones failed or were
/// slow. After a cooldown it lets one call at a time through; once one of them has content, a few at a time; it closes when
/// one is complete, or all went well for as long as the cooldown, and opens again when one fails. Thread-safe.
/// </summary>
internal sealed class CircuitBreaker(TimeProvider time)
{
    /// <summary>Calls at a time while it is not yet known whether answers that have begun also come to their end.</summary>
    public const int MostProbes = 3;

    // The window is counted in slices, of which the oldest falls out when a new one begins.
    private const int Slices = 10;

    private readonly Lock _lock = new();
    private readonly Slice[] _slices = new Slice[Slices];
    private BreakerState _state;
    private int _generation;
    private long _openedAt;
    private int _failuresInARow;
    private long _rowBegan;
    private long _begun;
    private long _begunBeforeRow;
    private long _counted;

    // Of a half-open one: calls on their way, the latest one's number and time, and since when there is content.
    private int _probes;
    private int _lastProbe;
    private int _firstProbeThatCounts;
    private long _probedAt;
    private long? _contentSince;

    /// <summary>Its state now, and how long until it lets the next call through; zero where it would do so now.</summary>
    public (BreakerState State, TimeSpan Wait) Look(BreakerOptions options)
    {
        lock (_lock)
        {
            return _state switch
            {
                BreakerState.Open => (BreakerState.Open, Remaining(options)),
                BreakerState.HalfOpen when _probes >= (_contentSince is null ? 1 : MostProbes) => (BreakerState.HalfOpen, options.Cooldown - time.GetElapsedTime(_contentSince ?? _probedAt)),
                _ => (_state, TimeSpan.Zero),
            };
        }
    }

    /// <summary>Asks to make a call; null where none may be made now.</summary>
    public BreakerPass? TryEnter(BreakerOptions options)
    {
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (_state == BreakerState.Closed)
            {
                _begun++;
                return new BreakerPass(_generation, now);
            }

            BreakerState? entered = null;
            if (_state == BreakerState.Open && Remaining(options) <= TimeSpan.Zero)
            {
                Change(BreakerState.HalfOpen);
                entered = BreakerState.HalfOpen;
            }

            if (_state != BreakerState.HalfOpen)
            {
                return null;
            }

            if (_contentSince is { } since && time.GetElapsedTime(since, now) >= options.Cooldown)
            {
                Change(BreakerState.Closed);
                return new BreakerPass(_generation, now) { Entered = BreakerState.Closed };
            }

            return MayProbe(now, options) ? Probe(now, entered) : null;
        }
    }

    /// <summary>The call has content, and may yet break off. Returns whether that changed the state: a slow probe opens it.</summary>
    public bool HasContent(BreakerPass pass, bool slow)
    {
        lock (_lock)
        {
            if (pass.Generation != _generation || !pass.IsProbe || (slow && IsReplaced(pass)))
            {
                return false;
            }

            if (slow)
            {
                Change(BreakerState.Open);
                return true;
            }

            _contentSince ??= time.GetTimestamp();
            return false;
        }
    }

    /// <summary>The call succeeded or failed. Returns whether that changed the state.</summary>
    /// <param name="pass">Its leave.</param>
    /// <param name="failed">Whether it failed.</param>
    /// <param name="slow">Whether it took too long to its content.</param>
    /// <param name="options">What is too much.</param>
    /// <param name="hadContent">Whether it had content before.</param>
    public bool Settle(BreakerPass pass, bool failed, bool slow, BreakerOptions options, bool hadContent = false)
    {
        lock (_lock)
        {
            if (pass.Generation != _generation)
            {
                return false;
            }

            if (pass.IsProbe)
            {
                if ((failed || slow) && !hadContent && IsReplaced(pass))
                {
                    return false;
                }

                Change(failed || slow ? BreakerState.Open : BreakerState.Closed);
                return true;
            }

            Count(pass, failed, slow, options);
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
            if (pass.Generation == _generation && pass.IsProbe && !IsReplaced(pass) && --_probes == 0)
            {
                // What went on well has ended.
                _contentSince = null;
            }
        }
    }

    // It hung, and another is on its way in its stead.
    private bool IsReplaced(BreakerPass probe) => probe.Probe < _firstProbeThatCounts;

    private bool MayProbe(long now, BreakerOptions options)
    {
        if (_contentSince is not null)
        {
            return _probes < MostProbes;
        }

        if (_probes > 0 && time.GetElapsedTime(_probedAt, now) >= options.Cooldown)
        {
            // One that takes long must not keep all others out until it ends.
            _firstProbeThatCounts = _lastProbe + 1;
            _probes = 0;
        }

        return _probes == 0;
    }

    private BreakerPass Probe(long now, BreakerState? entered)
    {
        _probes++;
        _probedAt = now;
        return new BreakerPass(_generation, now, ++_lastProbe) { Entered = entered };
    }

    private void Count(BreakerPass pass, bool failed, bool slow, BreakerOptions options)
    {
        var number = (long)(time.GetElapsedTime(0) / (options.Window / Slices));
        ref var slice = ref _slices[number % Slices];
        if (slice.Number != number)
        {
            slice = new Slice { Number = number };
        }

        CountRow(pass, failed, slow, isOld: number - _counted > Slices);
        _counted = number;
        slice.Calls++;
        slice.Failures += failed ? 1 : 0;
        slice.Slow += slow ? 1 : 0;
    }

    private void CountRow(BreakerPass pass, bool failed, bool slow, bool isOld)
    {
        if (isOld)
        {
            _failuresInARow = 0;
        }

        if (failed)
        {
            if (_failuresInARow++ == 0)
            {
                (_rowBegan, _begunBeforeRow) = (time.GetTimestamp(), _begun);
            }
        }
        else if (!slow && pass.Began >= _rowBegan)
        {
            // A success of a call that began before them is from the time before; to be slow is none.
            _failuresInARow = 0;
        }
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

        // After a good time at a high rate, the share of failures would rise slowly though nothing works any more. Of the calls
        // that began since, those that are still on their way may be well.
        return (_failuresInARow >= options.MinimumCalls && _failuresInARow >= options.FailureRatio * (_begun - _begunBeforeRow)) || (calls >= options.MinimumCalls
            && ((failures > 0 && failures >= options.FailureRatio * calls) || (slow > 0 && slow >= options.SlowCallRatio * calls)));
    }

    private TimeSpan Remaining(BreakerOptions options) => options.Cooldown - time.GetElapsedTime(_openedAt);

    private void Change(BreakerState state)
    {
        _state = state;
        _generation++;
        _probes = 0;
        _contentSince = null;
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
