using System.Runtime.InteropServices;

namespace LlmOps.Gateway.Access.Limits;

/// <summary>
/// The limits of this process alone. One lock for all, held for as long as a few look-ups take. At most
/// <paramref name="most"/> limits are kept; of more, those go that will be unused soonest, but never places that are taken.
/// </summary>
internal sealed class MemoryLimits(TimeProvider time, int most = MemoryLimits.Most) : ILimitStore
{
    /// <summary>Limits that are kept; some 150 bytes each.</summary>
    public const int Most = 100_000;

    private const int Few = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Key, Bucket> _buckets = [];
    private int _sweepAt = Math.Min(most, Few);

    /// <summary>How many limits are kept, which are in use or were a short time ago.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _buckets.Count;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<LimitRefusal?> TakeAsync(LimitTaking taking)
    {
        var shares = taking.Shares;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var fits = true;
            foreach (ref var share in shares)
            {
                // Taken at once, and put back where one does not fit: so each is looked up once.
                ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_buckets, Key.Of(share.Limit), out _);
                share.Used = Used(share.Limit, bucket, now);
                fits &= share.Fits;
                share.Amount = share.Fits ? share.Takable : share.Amount;
                bucket = new Bucket(share.Used + share.Amount, now, share.Limit.Capacity);
            }

            if (!fits)
            {
                foreach (ref var share in shares)
                {
                    Keep(share, now);
                }

                return new(LimitRefusal.Of(shares));
            }

            foreach (ref var share in shares)
            {
                share.Used += share.Amount;
            }

            if (_buckets.Count > _sweepAt)
            {
                Sweep(now);
            }
        }

        taking.Store = this;
        return default;
    }

    /// <inheritdoc/>
    public ValueTask SettleAsync(LimitTaking taking)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            foreach (ref var share in taking.Shares)
            {
                if (share.Change != 0)
                {
                    _buckets.TryGetValue(Key.Of(share.Limit), out var bucket);
                    share.Used = Math.Max(0, Used(share.Limit, bucket, now) + share.Change);
                    Keep(share, now);
                }
            }
        }

        return default;
    }

    private double Used(in Limit limit, in Bucket bucket, long now) => bucket.Used == 0 ? 0 : limit.UsedAfter(bucket.Used, time.GetElapsedTime(bucket.At, now).TotalSeconds);

    private void Keep(in LimitShare share, long now)
    {
        if (share.Used < Limit.Tolerance)
        {
            _buckets.Remove(Key.Of(share.Limit));
        }
        else
        {
            _buckets[Key.Of(share.Limit)] = new Bucket(share.Used, now, share.Limit.Capacity);
        }
    }

    // Removes what is unused again, each time that the number has doubled; so that all removing costs as much as all adding.
    private void Sweep(long now)
    {
        var left = new List<(TimeSpan UnusedIn, Key Key)>(_buckets.Count);
        foreach (var (key, bucket) in _buckets)
        {
            var limit = new Limit(key.Owner, key.Unit, bucket.Capacity, key.Window);
            if (Used(limit, bucket, now) is var used && used < Limit.Tolerance)
            {
                _buckets.Remove(key);
            }
            else if (key.Unit != LimitUnit.Places)
            {
                left.Add((limit.Back(used), key));
            }
        }

        if (_buckets.Count > most)
        {
            left.Sort((one, other) => one.UnusedIn.CompareTo(other.UnusedIn));
            foreach (var (_, key) in CollectionsMarshal.AsSpan(left)[..Math.Min(left.Count, 1 + most / 8)])
            {
                _buckets.Remove(key);
            }
        }

        // Above the bound only where all of it is places, of which there are no more than requests on their way.
        _sweepAt = _buckets.Count <= most ? Math.Min(most, Math.Max(Few, 2 * _buckets.Count)) : _buckets.Count + most / 8;
    }

    private readonly record struct Key(string Owner, LimitUnit Unit, TimeSpan Window)
    {
        public static Key Of(in Limit limit) => new(limit.Owner, limit.Unit, limit.Window);

        // The default takes each field's hash by its comparer; the owner's says nearly all.
        public override int GetHashCode() => HashCode.Combine(Owner.GetHashCode(StringComparison.Ordinal), (int)Unit, Window.Ticks);
    }

    /// <param name="Used">How much was used.</param>
    /// <param name="At">When, as a timestamp of the clock.</param>
    /// <param name="Capacity">Of how much, at the time.</param>
    private readonly record struct Bucket(double Used, long At, long Capacity);
}
