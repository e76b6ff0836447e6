using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Providers;

/// <summary>
/// The keys a provider is called with, in turn. One that it does not accept, or that has no credit left, is set aside for
/// a while for all of the provider's models. A provider without a key has one key without a value. Thread-safe.
/// </summary>
internal sealed class ProviderKeys
{
    private readonly ProviderKey[] _keys;
    private uint _turn;

    /// <param name="value">The key, or several separated by commas; null for none.</param>
    /// <param name="time">Tells when a key that was set aside is tried again.</param>
    public ProviderKeys(Secret? value, TimeProvider time)
    {
        var values = value?.Reveal().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
        _keys = values.Length == 0
            ? [new ProviderKey(null, 1, time)]
            : [.. values.Select((text, index) => new ProviderKey(new Secret(text), index + 1, time))];
    }

    /// <summary>Whether it is a caller's, which came with the request: what the provider says of it is told to the caller.</summary>
    public bool IsCallers { get; init; }

    /// <summary>All of them, in the order of the configuration.</summary>
    public IReadOnlyList<ProviderKey> All => _keys;

    /// <summary>The next after this one that can be used for the target; null where no other can.</summary>
    public ProviderKey? After(ProviderKey used, TargetState target)
    {
        for (var index = 0; index < _keys.Length - 1; index++)
        {
            var key = _keys[(used.Number + index) % _keys.Length];
            if (key.SetAsideFor <= TimeSpan.Zero && target.RestOf(key) <= TimeSpan.Zero)
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>The next in turn that can be used; null where none can.</summary>
    /// <param name="target">What is to be called, which a key may have to leave alone; null for what is no model.</param>
    public ProviderKey? Take(TargetState? target = null)
    {
        var first = _keys.Length == 1 ? 0 : Interlocked.Increment(ref _turn);
        for (uint index = 0; index < _keys.Length; index++)
        {
            var key = _keys[(first + index) % _keys.Length];
            if (key.SetAsideFor <= TimeSpan.Zero && (target is null || target.RestOf(key) <= TimeSpan.Zero))
            {
                return key;
            }
        }

        return null;
    }
}

/// <summary>One of a provider's keys.</summary>
internal sealed class ProviderKey(Secret? value, int number, TimeProvider time)
{
    private long _setAsideUntil;

    /// <summary>The key; null for a provider that takes none.</summary>
    public Secret? Value { get; } = value;

    /// <summary>Which one it is in the configuration, from 1: what is shown of it.</summary>
    public int Number { get; } = number;

    /// <summary>What an Authorization header says; null without a key.</summary>
    public Secret? Bearer { get; } = value is null ? null : new Secret("Bearer " + value.Reveal());

    /// <summary>How long it is still set aside; zero or less while it is in use.</summary>
    public TimeSpan SetAsideFor => Volatile.Read(ref _setAsideUntil) is not 0 and var until
        ? time.GetElapsedTime(time.GetTimestamp(), until)
        : TimeSpan.Zero;

    /// <summary>Takes it out of use. Returns whether it was in use.</summary>
    public bool SetAside(TimeSpan duration)
    {
        var was = SetAsideFor;
        Volatile.Write(ref _setAsideUntil, time.GetTimestamp() + (long)(duration.TotalSeconds * time.TimestampFrequency));
        return was <= TimeSpan.Zero;
    }
}
