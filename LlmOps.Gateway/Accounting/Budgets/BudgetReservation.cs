using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>What is held in the budgets of one request, so that the calls made for it are paid for before they begin.</summary>
/// <param name="id">The request's internal id.</param>
/// <param name="shares">Its budgets.</param>
/// <param name="calls">The most that its own calls cost which may be on their way at once: one, or where its model hedges two.</param>
internal sealed class BudgetReservation(Guid id, BudgetShare[] shares, NanoUsd calls)
{
    /// <summary>The request's internal id.</summary>
    public Guid Id => id;

    /// <summary>Its budgets, all of which must have enough.</summary>
    public BudgetShare[] Shares => shares;

    /// <summary>Their counters.</summary>
    public BudgetCounter[] Counters { get; } = Array.ConvertAll(shares, share => share.Counter);

    /// <summary>The most that its own calls cost which may be on their way at once: one, or where its model hedges two.</summary>
    public NanoUsd Calls { get; set; } = calls;

    /// <summary>How much is held: an upper bound, and once it is settled what was spent.</summary>
    public NanoUsd Amount { get; set; }

    /// <summary>Whether something may be held though the last answer was that it is not: the ledger's record of the request then gives it back.</summary>
    public bool MayBeHeld { get; set; }

    /// <summary>Whether the request is over, and no more can be held for it.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Holds as much in total; set by <see cref="RequestBudgets"/>.</summary>
    public required Func<GatewayRequest, NanoUsd, ValueTask<GatewayException?>> Extend { get; init; }

    /// <summary>The share of the fullest budget that is spent, with what this request holds; 1 is all of it.</summary>
    public double Used
    {
        get
        {
            var used = 0d;
            foreach (var share in shares)
            {
                used = Math.Max(used, share.Used(this));
            }

            return used;
        }
    }

    /// <summary>Whether as much is held as was spent, is on its way, and is still to come.</summary>
    /// <param name="payer">The request that is held for.</param>
    /// <param name="beside">The most that a call beside its own costs; 0 for none.</param>
    public bool Covers(GatewayRequest payer, NanoUsd beside) => !IsSettled && Needed(payer, beside) <= Amount.Value;

    /// <summary>Holds as much.</summary>
    /// <returns>Why it cannot be held, so that no call must be made; null where it is.</returns>
    public ValueTask<GatewayException?> CoverAsync(GatewayRequest payer, NanoUsd beside) => Extend(payer, new NanoUsd(Needed(payer, beside)));

    /// <summary>A sum that stays at the largest number.</summary>
    public static long Sum(long one, long other) => one > long.MaxValue - other ? long.MaxValue : one + other;

    private long Needed(GatewayRequest payer, NanoUsd beside) => Sum(payer.Spent, Sum(beside.Value, Calls.Value));
}

/// <summary>A request in one of its budgets.</summary>
/// <param name="counter">The budget's counter.</param>
/// <param name="limit">The most that it may reach.</param>
internal sealed class BudgetShare(BudgetCounter counter, NanoUsd limit)
{
    private readonly long _limit = limit.Value;

    /// <summary>The budget's counter.</summary>
    public BudgetCounter Counter => counter;

    /// <summary>The most that it may reach.</summary>
    public NanoUsd Limit => limit;

    /// <summary>What others have spent and hold in it, when this request last asked.</summary>
    public long Others { get; set; }

    /// <summary>What of that was spent, as far as those who count knew: what others hold, they may give back.</summary>
    public long Spent { get; set; }

    /// <summary>The counter as the one who counts has it.</summary>
    public object? Count { get; set; }

    /// <summary>What is left for this request, when it last asked.</summary>
    public NanoUsd Left => new(Math.Max(0, _limit - Others));

    /// <summary>The share of the budget that is spent, with what the request holds or has spent; 1 for all of it.</summary>
    public double Used(BudgetReservation reservation) => _limit == 0 ? 1 : (double)BudgetReservation.Sum(Spent, reservation.Amount.Value) / _limit;
}

/// <summary>Failures that are the budgets' own.</summary>
internal static class BudgetFailures
{
    /// <summary>Whether a call was not made as a budget did not pay for it.</summary>
    public static bool IsOfBudget(this Exception exception) =>
        exception is GatewayException and not ProviderException
        && ((GatewayException)exception).Error is var error && (error == ErrorCode.InsufficientQuota || error == ErrorCode.BudgetUnavailable || error == ErrorCode.ModelUnpriced);
}
