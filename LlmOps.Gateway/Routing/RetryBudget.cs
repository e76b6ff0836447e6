namespace LlmOps.Gateway.Routing;

/// <summary>
/// What retries may add to the load of all providers together: a tenth of the requests, and a few at once. When many
/// requests fail, each one's retries would hit a provider that is on its knees; a failover to another target is not a retry.
/// </summary>
internal sealed class RetryBudget
{
    /// <summary>Retries that may be made without requests before them.</summary>
    public const int Burst = 10;

    private const int PerRetry = 10;
    private int _saved = Burst * PerRetry;

    /// <summary>A request has come: a tenth of a retry is saved.</summary>
    public void Deposit()
    {
        // Under load it is full, and read only. Two that come at once may save one tenth too many.
        if (Volatile.Read(ref _saved) < Burst * PerRetry)
        {
            Interlocked.Increment(ref _saved);
        }
    }

    /// <summary>Takes a retry; false where none is left.</summary>
    public bool TryTake()
    {
        var saved = Volatile.Read(ref _saved);
        while (saved >= PerRetry)
        {
            var seen = Interlocked.CompareExchange(ref _saved, saved - PerRetry, saved);
            if (seen == saved)
            {
                return true;
            }

            saved = seen;
        }

        return false;
    }
}
