namespace LlmOps.Gateway.Access.Limits;

/// <summary>A limit of which not so much is left.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Amount">How much was asked for.</param>
/// <param name="Used">How much of it is used.</param>
/// <param name="Wait">When it will fit, if nobody takes of it meanwhile; null where nobody knows: it is larger than the limit, or waits for another's place.</param>
internal sealed record LimitRefusal(Limit Limit, long Amount, double Used, TimeSpan? Wait)
{
    /// <summary>Whether it can never fit.</summary>
    public bool IsTooLarge => Amount > Limit.Capacity;

    /// <summary>Of the limits that do not have so much left the one that takes longest; null where all have.</summary>
    public static LimitRefusal? Of(ReadOnlySpan<LimitShare> shares)
    {
        LimitRefusal? refusal = null;
        foreach (ref readonly var share in shares)
        {
            if (!share.Fits)
            {
                var told = new LimitRefusal(
                    share.Limit, share.Amount, share.Used,
                    share.Amount > share.Limit.Capacity || share.Limit.Unit == LimitUnit.Places ? null : share.Limit.Back(share.Missing));
                refusal = refusal is null || told.Weight > refusal.Weight ? told : refusal;
            }
        }

        return refusal;
    }

    // A place may be free at any moment; what is too large never fits.
    private TimeSpan Weight => IsTooLarge ? TimeSpan.MaxValue : Wait ?? TimeSpan.Zero;
}
