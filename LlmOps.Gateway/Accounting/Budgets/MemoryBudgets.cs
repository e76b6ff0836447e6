using System.Collections.Concurrent;
using LlmOps.Gateway.Accounting.Ledger;

namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>
/// The counters of one process. What was spent before it began comes from the ledger, once for each counter, when the journals
/// have been replayed; all that is spent later passes here, so that what the ledger records changes nothing.
/// </summary>
internal sealed class MemoryBudgets(SpentInLedger spent) : IBudgetCounters
{
    private readonly ConcurrentDictionary<BudgetCounter, Count> _counts = new();

    // Held for nanoseconds, over all counters of a request: nobody sees a part of it.
    private readonly Lock _lock = new();
    private DateOnly _newest;

    /// <inheritdoc/>
    public bool OutlivesProcess => false;

    /// <inheritdoc/>
    public ValueTask<BudgetShare?> ReserveAsync(BudgetReservation reservation, NanoUsd amount)
    {
        foreach (var share in reservation.Shares)
        {
            if (CountOf(share) is { IsLoaded: false })
            {
                return LoadAndReserveAsync(reservation, amount);
            }
        }

        return ValueTask.FromResult(TryReserve(reservation, amount));
    }

    /// <inheritdoc/>
    public void Settle(BudgetReservation reservation, NanoUsd actual)
    {
        lock (_lock)
        {
            foreach (var share in reservation.Shares)
            {
                var count = (Count)share.Count!;
                count.Held -= reservation.Amount.Value;
                share.Spent = count.Spent;
                count.Spent += actual.Value;
            }
        }
    }

    /// <inheritdoc/>
    public void Recorded(IReadOnlyList<LedgerEntry> entries)
    {
    }

    /// <inheritdoc/>
    public Task HeardAsync() => Task.CompletedTask;

    /// <summary>What a counter has; null where nobody has asked for it.</summary>
    public (NanoUsd Spent, NanoUsd Held)? Look(BudgetCounter counter)
    {
        lock (_lock)
        {
            return _counts.TryGetValue(counter, out var count) && count.IsLoaded ? (new NanoUsd(count.Spent), new NanoUsd(count.Held)) : null;
        }
    }

    private async ValueTask<BudgetShare?> LoadAndReserveAsync(BudgetReservation reservation, NanoUsd amount)
    {
        foreach (var share in reservation.Shares)
        {
            await LoadAsync(share.Counter, CountOf(share));
        }

        return TryReserve(reservation, amount);
    }

    private BudgetShare? TryReserve(BudgetReservation reservation, NanoUsd amount)
    {
        lock (_lock)
        {
            foreach (var share in reservation.Shares)
            {
                var count = (Count)share.Count!;
                (share.Others, share.Spent) = (count.Spent + count.Held - reservation.Amount.Value, count.Spent);
                if (amount.Value > share.Limit.Value - share.Others)
                {
                    return share;
                }
            }

            foreach (var share in reservation.Shares)
            {
                ((Count)share.Count!).Held += amount.Value - reservation.Amount.Value;
            }
        }

        reservation.Amount = amount;
        return null;
    }

    private Count CountOf(BudgetShare share)
    {
        if (share.Count is Count known)
        {
            return known;
        }

        if (!_counts.TryGetValue(share.Counter, out var count))
        {
            count = _counts.GetOrAdd(share.Counter, new Count());
            ForgetBefore(share.Counter.From);
        }

        share.Count = count;
        return count;
    }

    // Who asks for the same counter waits for the same answer; one that fails is asked for anew by the next.
    private async Task LoadAsync(BudgetCounter counter, Count count)
    {
        Task<NanoUsd> loading;
        lock (_lock)
        {
            loading = count.Loading ??= spent(counter, []);
        }

        try
        {
            var before = await loading;
            lock (_lock)
            {
                if (!count.IsLoaded)
                {
                    count.Spent += before.Value;
                    count.IsLoaded = true;
                }
            }
        }
        catch (Exception)
        {
            lock (_lock)
            {
                if (count.Loading == loading)
                {
                    count.Loading = null;
                }
            }

            throw;
        }
    }

    // Periods that are over; requests of one that are still on their way have their counts in hand.
    private void ForgetBefore(DateOnly day)
    {
        lock (_lock)
        {
            if (day <= _newest)
            {
                return;
            }

            _newest = day;
        }

        var start = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        foreach (var counter in _counts.Keys.Where(counter => counter.Until < start))
        {
            _counts.TryRemove(counter, out _);
        }
    }

    private sealed class Count
    {
        public long Spent { get; set; }

        public long Held { get; set; }

        public bool IsLoaded { get; set; }

        public Task<NanoUsd>? Loading { get; set; }
    }
}
