namespace LlmOps.Gateway.Access.Limits;

/// <summary>What is taken of several limits together: of all of them, or of none. For one caller at a time.</summary>
/// <param name="room">For how many limits there is room at first.</param>
internal sealed class LimitTaking(int room = 4)
{
    private LimitShare[] _shares = new LimitShare[room];
    private int _count;

    /// <summary>A taking of one limit.</summary>
    public static LimitTaking Of(Limit limit, long amount = 1)
    {
        var taking = new LimitTaking();
        taking.Add(limit, amount);
        return taking;
    }

    /// <summary>What is taken of each.</summary>
    public Span<LimitShare> Shares => _shares.AsSpan(0, _count);

    /// <summary>Whether places are among them.</summary>
    public bool HasPlaces { get; private set; }

    /// <summary>Where it was taken, and so is settled; null while it is not taken.</summary>
    public ILimitStore? Store { get; set; }

    /// <summary>By what its places are known among those of others; null where they are only counted.</summary>
    public string? Lease { get; set; }

    /// <summary>Whether it was counted for this replica alone, since Redis did not answer.</summary>
    public bool WithoutRedis { get; set; }

    /// <summary>Takes of another limit as well; no limit twice.</summary>
    /// <param name="limit">The limit.</param>
    /// <param name="amount">How much; where there is room for more, up to <paramref name="most"/>.</param>
    /// <param name="most">The most; as much as <paramref name="amount"/> where it is less.</param>
    public void Add(Limit limit, long amount, long most = 0)
    {
        if (_count == _shares.Length)
        {
            Array.Resize(ref _shares, 2 * _count);
        }

        _shares[_count++] = new LimitShare { Limit = limit, Amount = amount, Most = Math.Max(amount, most) };
        HasPlaces |= limit.Unit == LimitUnit.Places;
    }

    /// <summary>Settles each share with the change that this says, of what it is for and what was taken of it.</summary>
    /// <returns>Whether there is anything to settle.</returns>
    public bool Change(bool giveRequestsBack, long? tokens)
    {
        var changes = false;
        foreach (ref var share in Shares)
        {
            share.Change = share.Limit.Unit switch
            {
                LimitUnit.Places => -share.Amount,
                LimitUnit.Tokens => (tokens ?? share.Amount) - share.Amount,
                _ => giveRequestsBack ? -share.Amount : 0,
            };
            changes |= share.Change != 0;
        }

        return changes;
    }
}

/// <summary>What is taken of one limit.</summary>
internal struct LimitShare
{
    /// <summary>The limit.</summary>
    public required Limit Limit { get; init; }

    /// <summary>How much is taken; before that, how much must be there.</summary>
    public required long Amount { get; set; }

    /// <summary>How much is taken where there is room for it; else as much as there is.</summary>
    public required long Most { get; init; }

    /// <summary>How much of the limit is used, after the taking or, where it was refused, without it.</summary>
    public double Used { get; set; }

    /// <summary>Whether so much is left beside what is used, before the taking.</summary>
    public readonly bool Fits => Missing <= Limit.Tolerance;

    /// <summary>How much can be taken of what is left, before the taking.</summary>
    public readonly long Takable => Math.Max(Amount, (long)Math.Min(Most, Limit.Capacity - Used));

    /// <summary>How much more is asked for than is left, before the taking.</summary>
    public readonly double Missing => Used + Amount - Limit.Capacity;

    /// <summary>What settling adds: what was taken in truth less what was reserved.</summary>
    public long Change { get; set; }

    /// <summary>Where <see cref="MemoryLimits"/> counts it, so that it need not look for it once more to settle it.</summary>
    public MemoryLimits.Bucket? Bucket { get; set; }
}
