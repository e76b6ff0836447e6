using System.Diagnostics.Metrics;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Telemetry;

namespace LlmOps.Gateway.Caching;

/// <summary>What the cache has done since the start of this process. Thread-safe.</summary>
internal sealed class CacheStatistics
{
    private static readonly Meter Meter = new(TelemetryNames.Source);
    private static readonly Counter<long> Requests = Meter.CreateCounter<long>(TelemetryNames.CacheRequests, "{request}", "Requests by what the cache had for them: hit-memory, hit-redis, hit-semantic, coalesced, miss, bypass.");

    private long _memory;
    private long _redis;
    private long _semantic;
    private long _coalesced;
    private long _misses;
    private long _bypassed;
    private long _tokens;
    private long _nano;

    /// <summary>Answers from memory.</summary>
    public long MemoryHits => Interlocked.Read(ref _memory);

    /// <summary>Answers from Redis.</summary>
    public long RedisHits => Interlocked.Read(ref _redis);

    /// <summary>Answers to questions that ask the same in other words.</summary>
    public long SemanticHits => Interlocked.Read(ref _semantic);

    /// <summary>Answers from the call of an identical request.</summary>
    public long Coalesced => Interlocked.Read(ref _coalesced);

    /// <summary>Look-ups that found nothing.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>Requests that were not looked up.</summary>
    public long Bypassed => Interlocked.Read(ref _bypassed);

    /// <summary>Input and output tokens that no provider had to count.</summary>
    public long TokensSaved => Interlocked.Read(ref _tokens);

    /// <summary>What the answers cost when they were given first, as far as that is known.</summary>
    public NanoUsd CostSaved => new(Interlocked.Read(ref _nano));

    /// <summary>Counts a request, and what it saved.</summary>
    public void Count(string status, ReusedAnswer? reused = null)
    {
        switch (status)
        {
            case CacheStatus.HitMemory:
                Interlocked.Increment(ref _memory);
                break;
            case CacheStatus.HitRedis:
                Interlocked.Increment(ref _redis);
                break;
            case CacheStatus.HitSemantic:
                Interlocked.Increment(ref _semantic);
                break;
            case CacheStatus.Coalesced:
                Interlocked.Increment(ref _coalesced);
                break;
            case CacheStatus.Miss:
                Interlocked.Increment(ref _misses);
                break;
            default:
                Interlocked.Increment(ref _bypassed);
                break;
        }

        if (reused is not null)
        {
            Interlocked.Add(ref _tokens, (reused.Usage?.InputTokenCount ?? 0) + (reused.Usage?.OutputTokenCount ?? 0));
            Interlocked.Add(ref _nano, reused.Saved?.Value ?? 0);
        }

        if (Requests.Enabled)
        {
            Requests.Add(1, new KeyValuePair<string, object?>("outcome", status));
        }
    }
}
