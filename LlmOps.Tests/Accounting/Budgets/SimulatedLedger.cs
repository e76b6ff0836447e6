using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Accounting.Ledger;

namespace LlmOps.Tests.Accounting.Budgets;

/// <summary>A ledger's database of a simulation: what was recorded, once.</summary>
internal sealed class SimulatedLedger
{
    private readonly Dictionary<Guid, LedgerEntry> _rows = [];

    /// <summary>Why it cannot be asked; null while it can.</summary>
    public Exception? Fault { get; set; }

    /// <summary>What it has of a counter.</summary>
    public long Sum(BudgetCounter counter) => _rows.Values.Where(row => row.Budgets.Contains(counter)).Sum(row => row.Cost!.Value.Value);

    /// <summary>What the counters ask.</summary>
    public Task<NanoUsd> SpentAsync(BudgetCounter counter, IReadOnlyCollection<Guid> except) => Fault is null
        ? Task.FromResult(new NanoUsd(_rows.Values.Where(row => row.Budgets.Contains(counter) && !except.Contains(row.Id)).Sum(row => row.Cost!.Value.Value)))
        : Task.FromException<NanoUsd>(Fault);

    /// <summary>Records, where it has not.</summary>
    public void Write(LedgerEntry entry) => _rows.TryAdd(entry.Id, entry);

    /// <summary>An entry.</summary>
    public static LedgerEntry Entry(Guid id, long cost, IReadOnlyList<BudgetCounter> budgets) => new()
    {
        Id = id,
        At = DateTimeOffset.UnixEpoch,
        RequestId = "",
        Endpoint = "",
        Tenant = "acme",
        Subject = "",
        Outcome = LedgerEntry.Ok,
        Cache = "",
        Cost = new NanoUsd(cost),
        Budgets = budgets,
    };

    /// <summary>A reservation.</summary>
    public static BudgetReservation Reservation(long limit, params BudgetCounter[] counters) =>
        new(Guid.NewGuid(), [.. counters.Select(counter => new BudgetShare(counter, new NanoUsd(limit)))], new NanoUsd(0)) { Extend = (_, _) => default };

    /// <summary>A counter for ever.</summary>
    public static BudgetCounter Counter(HolderKind kind, string name) => new(kind, name, BudgetPeriod.Total, DateOnly.MinValue);
}
