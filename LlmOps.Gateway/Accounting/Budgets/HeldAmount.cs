namespace LlmOps.Gateway.Accounting.Budgets;

/// <summary>
/// What this process knows of a request in budgets that are counted in Redis, until the ledger has it and Redis knows that:
/// what Redis loses, it gets back from here. Locked by whoever looks at more than one of its properties.
/// </summary>
/// <param name="id">The request's internal id.</param>
/// <param name="counters">The counters that it is in.</param>
internal sealed class HeldAmount(Guid id, IReadOnlyList<BudgetCounter> counters)
{
    /// <summary>The request's internal id.</summary>
    public Guid Id => id;

    /// <summary>The counters that it is in.</summary>
    public IReadOnlyList<BudgetCounter> Counters => counters;

    /// <summary>How much, in nano-USD.</summary>
    public long Amount { get; private set; }

    /// <summary>Whether it is over, and how.</summary>
    public HeldState State { get; private set; }

    /// <summary>Whether Redis may not know of it, though it should.</summary>
    public bool MustRestore { get; private set; }

    /// <summary>Whether it waits to be told to Redis.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Whether it is in the counters that this replica has while Redis is away.</summary>
    public bool IsOwn { get; set; }

    /// <summary>Whether it began there, so that what they began with has nothing of it.</summary>
    public bool BeganOwn { get; set; }

    /// <summary>Grows with every change.</summary>
    public int Version { get; private set; }

    /// <summary>What is to be done in Redis.</summary>
    public string Change => State switch
    {
        HeldState.Recorded => "record",
        HeldState.Dropped => "drop",
        _ => MustRestore ? "restore" : "settle",
    };

    /// <summary>Whether nothing more will become of it.</summary>
    public bool IsLast => State is HeldState.Recorded or HeldState.Dropped;

    /// <summary>So much is held now.</summary>
    public void Hold(long amount) => Set(amount, State);

    /// <summary>So much was spent.</summary>
    public void Settle(long amount)
    {
        if (State == HeldState.Held)
        {
            Set(amount, HeldState.Settled);
        }
    }

    /// <summary>It never was.</summary>
    public void Drop() => Set(0, HeldState.Dropped);

    /// <summary>The ledger has it.</summary>
    public void Record(long amount) => Set(amount, HeldState.Recorded);

    /// <summary>Redis may not know of it, or know otherwise.</summary>
    /// <returns>Whether there is anything that it should know.</returns>
    public bool Restore()
    {
        if (IsLast || Amount == 0)
        {
            return false;
        }

        MustRestore = true;
        Version++;
        return true;
    }

    /// <summary>Redis knows what there was to know at a version.</summary>
    /// <returns>Whether that is all.</returns>
    public bool Told(int version)
    {
        if (version != Version)
        {
            return false;
        }

        MustRestore = false;
        return true;
    }

    private void Set(long amount, HeldState state)
    {
        (Amount, State) = (amount, state);
        Version++;
    }
}

/// <summary>What has become of a request.</summary>
internal enum HeldState
{
    /// <summary>It is on its way.</summary>
    Held,

    /// <summary>It is over, and in the journal.</summary>
    Settled,

    /// <summary>It was refused, or nobody knows: nothing was spent.</summary>
    Dropped,

    /// <summary>It is in the database.</summary>
    Recorded,
}
