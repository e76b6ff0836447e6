using System.Numerics;

namespace LlmOps.Gateway.Telemetry;

/// <summary>
/// Counts durations in buckets that are a 16th of a power of two wide, as HDR histograms do: a quantile is right to within 7 %. Of a fixed size, and
/// without a lock.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 4;
    private const int SubBuckets = 1 << SubBits;

    // Up to 2^37 microseconds, more than a day; what is longer counts as that.
    private const int Powers = 37;

    private readonly long[] _counts = new long[(Powers - SubBits + 1) * SubBuckets];

    /// <summary>Counts a duration.</summary>
    public void Add(TimeSpan duration) => Interlocked.Increment(ref _counts[BucketOf((ulong)Math.Max(0, duration.Ticks / TimeSpan.TicksPerMicrosecond))]);

    /// <summary>How many were counted, and their quantiles in milliseconds.</summary>
    /// <param name="shares">0 to 1.</param>
    /// <returns>A quantile is null where nothing was counted.</returns>
    public (long Count, double?[] Quantiles) Read(params double[] shares)
    {
        var counts = Array.ConvertAll(_counts, static count => Volatile.Read(ref count));
        var count = counts.Sum();
        return (count, Array.ConvertAll(shares, share => count == 0 ? null : (double?)Quantile(counts, (long)Math.Ceiling(share * count))));
    }

    private static double Quantile(long[] counts, long rank)
    {
        var bucket = 0;
        for (var seen = counts[0]; seen < rank; seen += counts[bucket])
        {
            bucket++;
        }

        return Math.Round((LowerBound(bucket) + LowerBound(bucket + 1) - 1) / 2.0 / 1000, 3);
    }

    // The first ones are one microsecond wide.
    private static int BucketOf(ulong microseconds)
    {
        if (microseconds < SubBuckets)
        {
            return (int)microseconds;
        }

        var power = BitOperations.Log2(microseconds);
        return power >= Powers
            ? (Powers - SubBits + 1) * SubBuckets - 1
            : (power - SubBits + 1) * SubBuckets + (int)((microseconds >> (power - SubBits)) & (SubBuckets - 1));
    }

    private static ulong LowerBound(int bucket)
    {
        var power = bucket / SubBuckets;
        return power == 0 ? (ulong)bucket : (ulong)(SubBuckets + bucket % SubBuckets) << (power - 1);
    }
}
