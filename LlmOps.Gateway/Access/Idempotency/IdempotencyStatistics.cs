using System.Diagnostics.Metrics;
using LlmOps.Gateway.Telemetry;

namespace LlmOps.Gateway.Access.Idempotency;

/// <summary>What became of requests with an idempotency key since the start of this process. Thread-safe.</summary>
internal sealed class IdempotencyStatistics
{
    private static readonly Meter Meter = new(TelemetryNames.Source);
    private static readonly Counter<long> Answers = Meter.CreateCounter<long>("llmops.idempotency.answers", "{answer}", "Answers to requests with an idempotency key: kept, replayed, too_large, evicted.");

    private long _kept;
    private long _replayed;
    private long _tooLarge;
    private long _evicted;
    private long _waiting;

    /// <summary>Answers that were kept.</summary>
    public long KeptAnswers => Interlocked.Read(ref _kept);

    /// <summary>Requests that were given the answer of an earlier one.</summary>
    public long ReplayedAnswers => Interlocked.Read(ref _replayed);

    /// <summary>Answers that were too large to be kept.</summary>
    public long TooLargeAnswers => Interlocked.Read(ref _tooLarge);

    /// <summary>Answers that had to leave memory before their time.</summary>
    public long EvictedAnswers => Interlocked.Read(ref _evicted);

    /// <summary>Requests that wait at this moment for the answer of an earlier one to this process.</summary>
    public long WaitingRequests => Interlocked.Read(ref _waiting);

    public void Kept() => Count(ref _kept, "kept");

    public void Replayed() => Count(ref _replayed, "replayed");

    public void TooLarge() => Count(ref _tooLarge, "too_large");

    public void Evicted() => Count(ref _evicted, "evicted");

    public void BeginsToWait() => Interlocked.Increment(ref _waiting);

    public void EndsToWait() => Interlocked.Decrement(ref _waiting);

    private static void Count(ref long number, string outcome)
    {
        Interlocked.Increment(ref number);
        if (Answers.Enabled)
        {
            Answers.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        }
    }
}
