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
                // Kept at once, and forgotten where one does not fit: so each is looked up once.
                share.Bucket = BucketOf(share.Limit);
                share.Used = Used(share.Limit, share.Bucket, now);
                fits &= share.Fits;
                share.Amount = share.Fits ? share.Takable : share.Amount;
            }

            foreach (ref var share in shares)
            {
                share.Used += fits ? share.Amount : 0;
                Keep(share, now);
            }

            if (!fits)
            {
                return new(LimitRefusal.Of(shares));
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
                    share.Bucket = share.Bucket is { IsKept: true } kept ? kept : BucketOf(share.Limit);
                    share.Used = Math.Max(0, Used(share.Limit, share.Bucket, now) + share.Change);
                    Keep(share, now);
                }
            }
        }

        return default;
    }

    private Bucket BucketOf(in Limit limit)
    {
        var key = new Key(limit.Owner, limit.Unit, limit.Window);
        ref var bucket = ref CollectionsMarshal.GetValueRefOrAddDefault(_buckets, key, out _);
        return bucket ??= new Bucket(key);
    }

    private double Used(in Limit limit, Bucket bucket, long now) => bucket.Used == 0 ? 0 : limit.UsedAfter(bucket.Used, time.GetElapsedTime(bucket.At, now).TotalSeconds);

    private void Keep(in LimitShare share, long now)
    {
        var bucket = share.Bucket!;
        (bucket.Used, bucket.At, bucket.Capacity) = (share.Used, now, share.Limit.Capacity);
        if (share.Used < Limit.Tolerance)
        {
            Forget(bucket);
        }
    }

    private void Forget(Bucket bucket)
    {
        _buckets.Remove(bucket.Key);
        bucket.IsKept = false;
    }

    // Removes what is unused again, each time that the number has doubled; so that all removing costs as much as all adding.
    private void Sweep(long now)
    {
        var left = new List<(TimeSpan UnusedIn, Bucket Bucket)>(_buckets.Count);
        foreach (var (key, bucket) in _buckets)
        {
            var limit = new Limit(key.Owner, key.Unit, bucket.Capacity, key.Window);
            if (Used(limit, bucket, now) is var used && used < Limit.Tolerance)
            {
                Forget(bucket);
            }
            else if (key.Unit != LimitUnit.Places)
            {
                left.Add((limit.Back(used), bucket));
            }
        }

        if (_buckets.Count > most)
        {
            left.Sort((one, other) => one.UnusedIn.CompareTo(other.UnusedIn));
            foreach (var (_, bucket) in CollectionsMarshal.AsSpan(left)[..Math.Min(left.Count, 1 + most / 8)])
            {
                Forget(bucket);
            }
        }

        // Above the bound only where all of it is places, of which there are no more than requests on their way.
        _sweepAt = _buckets.Count <= most ? Math.Min(most, Math.Max(Few, 2 * _buckets.Count)) : _buckets.Count + most / 8;
    }

    /// <summary>What a bucket is found by.</summary>
    internal readonly record struct Key(string Owner, LimitUnit Unit, TimeSpan Window)
    {
        // The default takes each field's hash by its comparer; the owner's says nearly all.
        public override int GetHashCode() => HashCode.Combine(Owner.GetHashCode(StringComparison.Ordinal), (int)Unit, Window.Ticks);
    }

    /// <summary>What was taken of a limit.</summary>
    internal sealed class Bucket(Key key)
    {
        /// <summary>What it is found by.</summary>
        public Key Key => key;

        /// <summary>How much was used.</summary>
        public double Used { get; set; }

        /// <summary>When, as a timestamp of the clock.</summary>
        public long At { get; set; }

        /// <summary>Of how much, at the time.</summary>
        public long Capacity { get; set; }

        /// <summary>Whether it counts; what was forgotten is looked for anew.</summary>
        public bool IsKept { get; set; } = true;
    }
}
