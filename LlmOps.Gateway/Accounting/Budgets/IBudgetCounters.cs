using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>
/// Counts what is spent and held of budgets. Money is in one place at any time: held for a request, then spent. Nothing that
/// is held expires by itself.
/// </summary>
internal interface IBudgetCounters
{
    /// <summary>Whether what is held outlives this process, so that the journal must know of it before it is held.</summary>
    bool OutlivesProcess { get; }

    /// <summary>Holds an amount for a request, in place of what is held for it: in all of its budgets, or in none.</summary>
    /// <param name="reservation">The request; its Amount is set where it is held.</param>
    /// <param name="amount">How much in total.</param>
    /// <returns>The first budget that has not enough left; null where it is held.</returns>
    /// <exception cref="GatewayException">503: what was spent is not known now.</exception>
    ValueTask<BudgetShare?> ReserveAsync(BudgetReservation reservation, NanoUsd amount);

    /// <summary>The request is over: what it took is spent, and the rest no longer held. Never waits.</summary>
    void Settle(BudgetReservation reservation, NanoUsd actual);

    /// <summary>Takes in what the ledger has now.</summary>
    void Recorded(IReadOnlyList<LedgerEntry> entries);

    /// <summary>Completes when what was recorded is taken in by all who count; where that cannot be now, soon all the same.</summary>
    Task HeardAsync();
}

/// <summary>What was spent in a counter's period by what the database has, but for these requests.</summary>
/// <exception cref="Storage.DatabaseException">The database cannot be asked.</exception>
/// <exception cref="GatewayException">503: the database has not yet all that earlier processes have left.</exception>
internal delegate Task<NanoUsd> SpentInLedger(BudgetCounter counter, IReadOnlyCollection<Guid> except);
