namespace LlmOps.Gateway.Access.Limits;

/// <summary>Keeps how much of each limit is used. A limit that nobody has taken of is not kept: all of it is left.</summary>
internal interface ILimitStore
{
    /// <summary>Takes all shares at one moment, or none of them; each is told how much of its limit is used.</summary>
    /// <returns>Null where they are taken, else which limit does not have so much left.</returns>
    ValueTask<LimitRefusal?> TakeAsync(LimitTaking taking);

    /// <summary>
    /// Adds what has changed since the taking (<see cref="LimitShare.Change"/>): a limit may be overdrawn by it, and is never less
    /// than unused. Places are given back.
    /// </summary>
    ValueTask SettleAsync(LimitTaking taking);
}
