using LlmOps.Gateway.Access.Idempotency;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints;

/// <summary>GET /stats: what this replica has done since its start.</summary>
internal static class StatsEndpoint
{
    public static void MapStats(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/stats", Get).WithTags("Operations").WithSummary("What this replica has done since its start");

    private static Ok<StatsReply> Get(RequestStatistics statistics, CacheStatistics cache, IdempotencyStatistics idempotency, IdempotencyMemory answers, UsageLedger ledger) => TypedResults.Ok(new StatsReply(
        statistics.StartedAt,
        statistics.Requests,
        statistics.Streams,
        statistics.InFlight,
        QuantilesReply.Of(statistics.Durations),
        QuantilesReply.Of(statistics.FirstChunks),
        CacheRatiosReply.Of(cache),
        statistics.InputTokens,
        statistics.OutputTokens,
        new NanoUsd(statistics.CostNano).Dollars,
        statistics.Unpriced,
        statistics.Errors,
        statistics.Retries,
        statistics.Attempts,
        statistics.Limited,
        IdempotencyStatsReply.Of(idempotency, answers),
        LedgerStatsReply.Of(ledger.Journal)));
}

/// <summary>What /stats answers: of this replica alone, since its start.</summary>
/// <param name="StartedAt">When it was started.</param>
/// <param name="Requests">Requests to models that are over, however they ended.</param>
/// <param name="Streams">Those of them that asked for a stream.</param>
/// <param name="InFlight">Requests on their way.</param>
/// <param name="DurationMs">How long the answered ones took.</param>
/// <param name="FirstChunkMs">How long it was to the first content of streams.</param>
/// <param name="Cache">What the cache had for them.</param>
/// <param name="InputTokens">Input tokens of the answers that providers were asked for.</param>
/// <param name="OutputTokens">Their output tokens.</param>
/// <param name="CostUsd">What requests cost, as far as that is known.</param>
/// <param name="Unpriced">Requests whose cost is not known.</param>
/// <param name="Errors">Requests that failed, by the error's code.</param>
/// <param name="Retries">Calls to providers beside the first of a request.</param>
/// <param name="Attempts">Calls by the provider.</param>
/// <param name="Limited">Requests that a limit or a budget has refused.</param>
/// <param name="Idempotency">Requests with an idempotency key.</param>
/// <param name="Ledger">The journal of what requests cost.</param>
internal sealed record StatsReply(
    DateTimeOffset StartedAt, long Requests, long Streams, long InFlight, QuantilesReply DurationMs, QuantilesReply FirstChunkMs, CacheRatiosReply Cache, long InputTokens, long OutputTokens,
    decimal CostUsd, long Unpriced, IReadOnlyDictionary<string, long> Errors, long Retries, IReadOnlyDictionary<string, long> Attempts, long Limited, IdempotencyStatsReply Idempotency, LedgerStatsReply Ledger);

/// <summary>Quantiles in milliseconds, right to within 7 %; null where nothing was counted.</summary>
/// <param name="Count">How many were counted.</param>
/// <param name="P50">Half of them took less.</param>
/// <param name="P90">90 % of them took less.</param>
/// <param name="P95">95 % of them took less.</param>
/// <param name="P99">99 % of them took less.</param>
internal sealed record QuantilesReply(long Count, double? P50, double? P90, double? P95, double? P99)
{
    public static QuantilesReply Of(LatencyHistogram histogram)
    {
        var (count, quantiles) = histogram.Read(0.5, 0.9, 0.95, 0.99);
        return new QuantilesReply(count, quantiles[0], quantiles[1], quantiles[2], quantiles[3]);
    }
}

/// <summary>What the cache had for requests; GET /cache/stats has more.</summary>
/// <param name="Hits">Answers that were reused, those of identical requests on their way included.</param>
/// <param name="Misses">Look-ups that found nothing.</param>
/// <param name="Bypassed">Requests that were not looked up.</param>
/// <param name="HitRatio">Hits among those that were looked up; null where there is none.</param>
internal sealed record CacheRatiosReply(long Hits, long Misses, long Bypassed, double? HitRatio)
{
    public static CacheRatiosReply Of(CacheStatistics cache)
    {
        var (hits, misses) = (cache.MemoryHits + cache.RedisHits + cache.SemanticHits + cache.Coalesced, cache.Misses);
        return new CacheRatiosReply(hits, misses, cache.Bypassed, hits + misses == 0 ? null : Math.Round((double)hits / (hits + misses), 4));
    }
}

/// <summary>The journal of what requests cost.</summary>
/// <param name="Pending">Requests that are over and not in the database yet.</param>
/// <param name="JournalBytes">Bytes on the disk.</param>
/// <param name="NotDurable">Requests that waited in memory, as the journal could not be written.</param>
/// <param name="Dropped">Requests that are not recorded, as memory had no room either.</param>
/// <param name="Damaged">Lines of the journal that could not be read.</param>
internal sealed record LedgerStatsReply(long Pending, long JournalBytes, long NotDurable, long Dropped, long Damaged)
{
    public static LedgerStatsReply Of(Journal journal) => new(journal.Depth, journal.Bytes, journal.NotDurable, journal.Dropped, journal.Damaged);
}

/// <summary>Requests with an idempotency key.</summary>
/// <param name="Kept">Answers that were kept.</param>
/// <param name="Replayed">Requests that were given the answer of an earlier one.</param>
/// <param name="TooLarge">Answers that were too large to be kept.</param>
/// <param name="Evicted">Answers that had to leave memory before their time.</param>
/// <param name="Waiting">Requests that wait for the answer of an earlier one.</param>
/// <param name="Entries">Answers in memory.</param>
/// <param name="Bytes">Bytes that they take.</param>
internal sealed record IdempotencyStatsReply(long Kept, long Replayed, long TooLarge, long Evicted, long Waiting, int Entries, long Bytes)
{
    public static IdempotencyStatsReply Of(IdempotencyStatistics idempotency, IdempotencyMemory answers) => new(
        idempotency.KeptAnswers, idempotency.ReplayedAnswers, idempotency.TooLargeAnswers, idempotency.EvictedAnswers, idempotency.WaitingRequests, answers.Count, answers.Bytes);
}
