using System.Collections.Concurrent;

namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>Says in the log when a budget is nearly used up, and when it is: once each in a period.</summary>
internal sealed partial class BudgetWarnings(ILogger<BudgetWarnings> logger)
{
    /// <summary>The share of a budget from which on its holder is warned.</summary>
    public const double Nearly = 0.8;

    private const int MostKept = 10_000;

    private readonly ConcurrentDictionary<(BudgetCounter Counter, bool IsUsedUp), bool> _said = new();

    /// <summary>Looks at the budgets of a request that is over.</summary>
    public void Look(BudgetReservation reservation)
    {
        foreach (var share in reservation.Shares)
        {
            var used = share.Used(reservation);
            if (used >= Nearly && IsFirst(share, isUsedUp: false))
            {
                LogNearly(share.Counter.Id, share.Limit, Math.Round(used * 100));
            }

            if (used >= 1 && IsFirst(share, isUsedUp: true))
            {
                LogUsedUp(share.Counter.Id, share.Limit);
            }
        }
    }

    /// <summary>A budget had not enough left for a request.</summary>
    public void Refused(BudgetShare share)
    {
        if (share.Spent >= Nearly * share.Limit.Value && IsFirst(share, isUsedUp: true))
        {
            LogUsedUp(share.Counter.Id, share.Limit);
        }
    }

    private bool IsFirst(BudgetShare share, bool isUsedUp)
    {
        if (_said.Count > MostKept)
        {
            // Periods that are over; what is said twice of the others is no harm.
            _said.Clear();
        }

        return _said.TryAdd((share.Counter, isUsedUp), true);
    }

    [LoggerMessage(LogLevel.Warning, "Budget {Budget} of {Limit} USD: {Percent} % are used.")]
    private partial void LogNearly(string budget, NanoUsd limit, double percent);

    [LoggerMessage(LogLevel.Warning, "Budget {Budget} of {Limit} USD is used up, or what is left is too little for what is asked.")]
    private partial void LogUsedUp(string budget, NanoUsd limit);
}
