using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using LlmOps.Gateway.Accounting.Ledger;

namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>
/// What this process holds in budgets that are counted in Redis, and what of it Redis does not know yet
/// (<see cref="HeldAmountsTelling"/> tells it).
/// </summary>
internal sealed class HeldAmounts : IDisposable
{
    // A request is a few hundred bytes.
    private const int Most = 500_000;

    private readonly ConcurrentDictionary<Guid, HeldAmount> _held = new();
    private readonly ConcurrentQueue<HeldAmount> _untold = new();
    private readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>Whether so much waits for the ledger's database that no more is taken.</summary>
    public bool IsFull => _held.Count >= Most;

    /// <summary>How many requests are held, or wait for the ledger's database or for Redis.</summary>
    public int Count => _held.Count;

    /// <summary>What is held of a request.</summary>
    public HeldAmount Of(BudgetReservation reservation) =>
        _held.TryGetValue(reservation.Id, out var known) ? known : _held.GetOrAdd(reservation.Id, new HeldAmount(reservation.Id, reservation.Counters));

    /// <summary>So much is held by this replica itself, while Redis is away; Redis is told when it is back.</summary>
    public void HoldOwn(HeldAmount held, long amount)
    {
        lock (held)
        {
            held.Hold(amount);
            held.Restore();
        }

        Queue(held);
    }

    /// <summary>It could not be held; there is what was before.</summary>
    /// <param name="held">The request.</param>
    /// <param name="isKnown">Whether Redis is sure not to hold it.</param>
    /// <returns>Whether nothing of it is held, here and in Redis.</returns>
    public bool Undo(HeldAmount held, bool isKnown)
    {
        lock (held)
        {
            if (held.Amount > 0)
            {
                held.Hold(held.Amount);
            }
            else if (!isKnown)
            {
                held.Drop();
            }
            else
            {
                _held.TryRemove(held.Id, out _);
                return true;
            }
        }

        if (!isKnown)
        {
            Queue(held);
        }

        return false;
    }

    /// <summary>A request is over.</summary>
    public void Settle(HeldAmount held, long amount)
    {
        lock (held)
        {
            held.Settle(amount);
        }

        Queue(held);
    }

    /// <summary>Requests are in the database.</summary>
    public void Record(IReadOnlyList<LedgerEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Budgets.Count == 0)
            {
                continue;
            }

            // One that is not known is of a process that has ended.
            var held = _held.GetOrAdd(entry.Id, static (id, entry) => new HeldAmount(id, entry.Budgets), entry);
            lock (held)
            {
                held.Record(entry.Cost?.Value ?? 0);
            }

            Queue(held);
        }
    }

    /// <summary>What was spent of a counter, by the ledger and by what is held here.</summary>
    public async Task<long> SumAsync(BudgetCounter counter, SpentInLedger spent)
    {
        List<Guid> ids = [];
        var sum = 0L;
        foreach (var held in _held.Values.Where(held => held.Counters.Contains(counter)))
        {
            lock (held)
            {
                ids.Add(held.Id);
                sum += held.BeganOwn ? 0 : held.Amount;
            }
        }

        return sum + (await spent(counter, ids)).Value;
    }

    /// <summary>Takes the next one that Redis is to be told of.</summary>
    public bool TryTakeUntold([NotNullWhen(true)] out HeldAmount? held) => _untold.TryDequeue(out held);

    /// <summary>How many Redis is to be told of.</summary>
    public int UntoldCount => _untold.Count;

    /// <summary>Redis was told of one as it was at a version, or could not be.</summary>
    public void Told(HeldAmount held, int version, bool isTold)
    {
        lock (held)
        {
            if (isTold && held.Told(version))
            {
                if (held.IsLast)
                {
                    _held.TryRemove(held.Id, out _);
                }

                return;
            }
        }

        Queue(held);
    }

    /// <summary>Waits until there is something to tell.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _wake.WaitAsync(cancellationToken);

    /// <summary>Redis has lost what it knew: it is to be told everything.</summary>
    public void RestoreAll()
    {
        foreach (var held in _held.Values)
        {
            bool isHeld;
            lock (held)
            {
                isHeld = held.Restore();
            }

            if (isHeld)
            {
                Queue(held);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _wake.Dispose();

    private void Queue(HeldAmount held)
    {
        lock (held)
        {
            if (held.IsQueued)
            {
                return;
            }

            held.IsQueued = true;
        }

        _untold.Enqueue(held);
        if (_wake.CurrentCount == 0)
        {
            try
            {
                _wake.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else has woken it at the same moment.
            }
        }
    }
}
