namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>Why something cannot be written to the disk now, and when it is tried again. Not thread-safe, but that anybody may read <see cref="Reason"/>.</summary>
internal sealed class WriteFault(TimeProvider time)
{
    // To fail takes longer than to write.
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private volatile string? _reason;
    private long _since;

    /// <summary>The reason; null where there is no fault.</summary>
    public string? Reason => _reason;

    /// <summary>Whether it is too early for another try.</summary>
    public bool MustWait => _reason is not null && time.GetElapsedTime(_since) < RetryAfter;

    /// <summary>It could not be written.</summary>
    public void Set(string reason) => (_since, _reason) = (time.GetTimestamp(), reason);

    /// <summary>It could.</summary>
    public void Clear() => _reason = null;
}
