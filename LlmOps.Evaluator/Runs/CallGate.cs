using LlmOps.Evaluator.Answers;

namespace LlmOps.Evaluator.Runs;

/// <summary>
/// Lets calls through: so many at once, fewer while the gateway says that it is too much (half as many at each 429, one more
/// for each round of answers: additive increase, multiplicative decrease), none beyond what may be spent, and again those that failed
/// by no fault of theirs.
/// </summary>
/// <param name="concurrency">The most calls at once, at least 1.</param>
/// <param name="maxCostUsd">The most US dollars; null for any.</param>
/// <param name="spentBefore">US dollars of it that the run has spent before it was interrupted.</param>
/// <param name="time">The clock.</param>
internal sealed class CallGate(int concurrency, decimal? maxCostUsd, decimal spentBefore, TimeProvider time)
{
    /// <summary>How often a call is made that finds no gateway or no provider.</summary>
    public const int MaxAttempts = 5;

    /// <summary>How many calls in a row may fail so before the run ends: whoever is away is not asked thousands of times.</summary>
    public const int MaxFailedInARow = 10;

    // A limit of a day may take longer than anyone waits; --resume goes on then.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Queue<(TaskCompletionSource Turn, string Kind)> _waiting = new();

    private readonly CallSpending _spending = new(maxCostUsd, spentBefore);
    private double _allowed = concurrency;
    private int _running;
    private int _failedInARow;
    private long _pausedAt;
    private TimeSpan _pause;
    private string? _ended;

    /// <summary>What was spent so far.</summary>
    public CallCost Spent
    {
        get
        {
            lock (_lock)
            {
                return _spending.Spent;
            }
        }
    }

    /// <summary>Why no more calls are made; null while they are.</summary>
    public string? Ended
    {
        get
        {
            lock (_lock)
            {
                return _ended;
            }
        }
    }

    /// <summary>Makes a call when it may be made, and again where that may help.</summary>
    /// <param name="kind">Calls of a kind cost alike: those of a model, of a judge.</param>
    /// <param name="call">The call. It ends as it does: what is on its way is paid for.</param>
    /// <param name="costOf">What its result says that it cost.</param>
    /// <param name="cancellationToken">Keeps it from being made.</param>
    /// <exception cref="GatewayCallException">It failed for good.</exception>
    /// <exception cref="RunEndedException">No more calls are made.</exception>
    public async Task<T> CallAsync<T>(string kind, Func<Task<T>> call, Func<T, CallCost> costOf, CancellationToken cancellationToken)
    {
        var waited = TimeSpan.Zero;
        for (var attempt = 1; ; attempt++)
        {
            await EnterAsync(kind).WaitAsync(cancellationToken);
            TimeSpan pause;
            var cost = default(CallCost);
            try
            {
                var result = await call();
                cost = costOf(result);
                Succeeded();
                return result;
            }
            catch (GatewayCallException exception)
            {
                if (PauseAfter(exception, attempt, waited) is not { } found)
                {
                    throw;
                }

                pause = found;
                attempt -= IsTooMuch(exception) ? 1 : 0;
            }
            finally
            {
                Leave(kind, cost);
            }

            waited += pause;
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    /// <summary>No more calls are made; those on their way end as they do.</summary>
    /// <param name="reason">Why, in words.</param>
    public void End(string reason)
    {
        lock (_lock)
        {
            _ended ??= reason;
            while (_waiting.TryDequeue(out var waiting))
            {
                waiting.Turn.SetException(new RunEndedException(_ended));
            }
        }
    }

    private static bool IsTooMuch(GatewayCallException exception) => exception.Status == 429;

    private Task EnterAsync(string kind)
    {
        lock (_lock)
        {
            if (_ended is not null)
            {
                return Task.FromException(new RunEndedException(_ended));
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((turn, kind));
            LetIn();
            return turn.Task;
        }
    }

    private void Leave(string kind, CallCost cost)
    {
        lock (_lock)
        {
            _running--;
            _spending.End(kind, cost);
            if (cost.Unpriced > 0 && maxCostUsd is not null)
            {
                End("a call has no price, so that --max-cost cannot be kept");
            }

            LetIn();
        }
    }

    // Within the lock.
    private void LetIn()
    {
        while (_ended is null && _waiting.TryPeek(out var next) && _running < (int)_allowed && Pause <= TimeSpan.Zero)
        {
            if (!_spending.Allows(next.Kind))
            {
                // Those on their way may turn out cheaper than it was thought.
                if (_running == 0)
                {
                    End(_spending.Refusal(next.Kind));
                }

                return;
            }

            // A call is given up only with the whole run, so no turn is lost.
            _running++;
            _spending.Begin(next.Kind);
            _waiting.Dequeue().Turn.SetResult();
        }
    }

    private TimeSpan Pause => _pause - time.GetElapsedTime(_pausedAt);

    private void Succeeded()
    {
        lock (_lock)
        {
            _failedInARow = 0;
            _allowed = Math.Min(concurrency, _allowed + (1 / _allowed));
        }
    }

    // How long the call waits before it is made again; null where that would not help.
    private TimeSpan? PauseAfter(GatewayCallException exception, int attempt, TimeSpan waited)
    {
        if (exception.Status == 401 || exception.Code == "INSUFFICIENT_QUOTA")
        {
            End(exception.Message);
            return null;
        }

        if (IsTooMuch(exception))
        {
            var asked = exception.RetryAfter is { } after && after > FirstPause ? after : FirstPause;
            if (waited + asked <= Patience)
            {
                return SlowDown(asked);
            }

            End($"the gateway asks to wait for longer than {Patience.TotalMinutes:0} minutes: {exception.Message}");
            return null;
        }

        if (exception.Status is not (null or 408 or >= 500))
        {
            return null;
        }

        if (attempt < MaxAttempts)
        {
            var pause = FirstPause * Math.Pow(2, attempt - 1);
            pause = exception.RetryAfter is { } after && after > pause ? after : pause;
            return pause > LongestPause ? LongestPause : pause;
        }

        lock (_lock)
        {
            if (++_failedInARow >= MaxFailedInARow)
            {
                End($"{_failedInARow} calls in a row failed, each {MaxAttempts} times; the last: {exception.Message}");
            }
        }

        return null;
    }

    private TimeSpan SlowDown(TimeSpan pause)
    {
        lock (_lock)
        {
            var isPaused = Pause > TimeSpan.Zero;
            if (!isPaused)
            {
                // Of many that are told at once, the first halves it.
                _allowed = Math.Max(1, _allowed / 2);
            }

            if (pause > Pause)
            {
                (_pausedAt, _pause) = (time.GetTimestamp(), pause);
            }

            _ = isPaused ? Task.CompletedTask : LetInLaterAsync();
        }

        return pause;
    }

    // Timers may be early by the clock that pauses are kept by.
    private async Task LetInLaterAsync()
    {
        while (true)
        {
            TimeSpan rest;
            lock (_lock)
            {
                rest = Pause;
                if (rest <= TimeSpan.Zero)
                {
                    LetIn();
                    return;
                }
            }

            await Task.Delay(rest + TimeSpan.FromMilliseconds(1), time);
        }
    }
}
