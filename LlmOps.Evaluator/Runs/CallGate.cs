using LlmOps.Evaluator.Answers;

namespace LlmOps.Evaluator.Runs;

/// <summary>
/// Lets calls through: so many at once, fewer while the gateway says that it is too much (half as many at each 429, one more
/// for each round of answers: additive increase, multiplicative decrease), none beyond what may be spent, and again those that failed
/// by no fault of theirs.
/// </summary>
/// <param name="concurrency">The most calls at once, at least 1.</param>
/// <param name="maxCostUsd">The most US dollars; null for any.</param>
/// <param name="time">The clock.</param>
internal sealed class CallGate(int concurrency, decimal? maxCostUsd, TimeProvider time)
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
    private readonly Queue<TaskCompletionSource> _waiting = new();
    private double _allowed = concurrency;
    private int _running;
    private int _failedInARow;
    private DateTimeOffset _pausedUntil;
    private CallCost _spent;
    private decimal? _dearest;
    private string? _ended;

    /// <summary>What was spent so far.</summary>
    public CallCost Spent
    {
        get
        {
            lock (_lock)
            {
                return _spent;
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
    /// <param name="call">The call.</param>
    /// <param name="costOf">What its result says that it cost.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="GatewayCallException">It failed for good.</exception>
    /// <exception cref="RunEndedException">No more calls are made.</exception>
    public async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, Func<T, CallCost> costOf, CancellationToken cancellationToken)
    {
        var waited = TimeSpan.Zero;
        for (var attempt = 1; ; attempt++)
        {
            await EnterAsync().WaitAsync(cancellationToken);
            TimeSpan pause;
            var cost = default(CallCost);
            try
            {
                var result = await call(cancellationToken);
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
                Leave(cost);
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
                waiting.SetException(new RunEndedException(_ended));
            }
        }
    }

    private static bool IsTooMuch(GatewayCallException exception) => exception.Status == 429;

    private Task EnterAsync()
    {
        lock (_lock)
        {
            if (_ended is not null)
            {
                return Task.FromException(new RunEndedException(_ended));
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
            LetIn();
            return turn.Task;
        }
    }

    private void Leave(CallCost cost)
    {
        lock (_lock)
        {
            _running--;
            _spent += cost;
            if (cost.Calls > 0)
            {
                _dearest = Math.Max(_dearest ?? 0, cost.Usd);
            }

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
        while (_ended is null && _waiting.Count > 0 && _running < (int)_allowed && _pausedUntil <= time.GetUtcNow())
        {
            if (!MayBePaid())
            {
                // Those on their way may turn out cheaper than it was thought.
                if (_running == 0)
                {
                    End(FormattableString.Invariant($"{_spent.Usd:0.######} of {maxCostUsd:0.######} US dollars (--max-cost) are spent, and the next call may cost {_dearest:0.######}"));
                }

                return;
            }

            // A call is given up only with the whole run, so no turn is lost.
            _running++;
            _waiting.Dequeue().SetResult();
        }
    }

    // As much as the dearest so far is set aside for each call on its way; the first one goes alone, to learn what that is.
    private bool MayBePaid() => maxCostUsd is not { } most || (_dearest is { } dearest ? _spent.Usd + ((_running + 1) * dearest) <= most : _running == 0);

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
            return waited + asked > Patience ? null : SlowDown(asked);
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
            var until = time.GetUtcNow() + pause;
            if (_pausedUntil <= time.GetUtcNow())
            {
                // Of many that are told at once, the first halves it.
                _allowed = Math.Max(1, _allowed / 2);
            }

            _pausedUntil = until > _pausedUntil ? until : _pausedUntil;
        }

        _ = LetInLaterAsync(pause);
        return pause;
    }

    private async Task LetInLaterAsync(TimeSpan pause)
    {
        await Task.Delay(pause, time);
        lock (_lock)
        {
            LetIn();
        }
    }
}
