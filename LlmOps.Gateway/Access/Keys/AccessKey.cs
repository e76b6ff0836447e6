namespace LlmOps.Gateway.Access.Keys;

/// <summary>A virtual key.</summary>
/// <param name="Row">What is kept of it.</param>
/// <param name="Principal">Whoever shows it.</param>
/// <param name="IsOwnerActive">Whether its user may ask; true where it has none.</param>
internal sealed record AccessKey(KeyRow Row, Principal Principal, bool IsOwnerActive)
{
    /// <summary>Whether it holds at a time.</summary>
    /// <param name="isPrevious">Whether the key was shown that the last rotation replaced.</param>
    /// <param name="now">The time.</param>
    public KeyState StateAt(bool isPrevious, DateTimeOffset now)
    {
        if (Row.RevokedAt is not null)
        {
            return KeyState.Revoked;
        }

        if (Row.ExpiresAt is not null || isPrevious)
        {
            var milliseconds = now.ToUnixTimeMilliseconds();
            if (milliseconds >= Row.ExpiresAt)
            {
                return KeyState.Expired;
            }

            if (isPrevious && milliseconds >= Row.PreviousUntil)
            {
                return KeyState.Replaced;
            }
        }

        return IsOwnerActive ? KeyState.Valid : KeyState.OwnerDisabled;
    }
}

/// <summary>What a credential is, looked for among the keys.</summary>
/// <param name="State">Whether it holds.</param>
/// <param name="Key">The key; null where there is none.</param>
internal readonly record struct KeyCheck(KeyState State, AccessKey? Key);

/// <summary>Whether a key holds.</summary>
internal enum KeyState
{
    /// <summary>There is no such key.</summary>
    Unknown,

    /// <summary>It holds.</summary>
    Valid,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>A rotation has replaced it, and the overlap is over.</summary>
    Replaced,

    /// <summary>It was revoked.</summary>
    Revoked,

    /// <summary>Its user is disabled.</summary>
    OwnerDisabled,
}
