using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Caching.Coalescing;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Redis;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>GET /cache/stats: what the cache has done; DELETE /cache: forget answers.</summary>
internal static class CacheEndpoints
{
    private static readonly string[] Filters = ["tenant", "model", "prompt"];

    public static void MapCache(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/cache").WithTags("Cache");
        group.MapGet("/stats", Stats).WithSummary("What the cache of this replica has done since its start");
        group.MapDelete("", ClearAsync).WithSummary("Forgets answers, on all replicas: all of them, or those of a tenant, a model or a prompt");
    }

    private static Ok<CacheStatsReply> Stats(CacheStatistics statistics, SemanticStatistics semantic, ISemanticStore store, GatewayConfiguration configuration, MemoryAnswers memory, IRedis redis, IChatClient pipeline) => TypedResults.Ok(new CacheStatsReply(
        new CacheHitsReply(statistics.MemoryHits, statistics.RedisHits, statistics.SemanticHits, statistics.Coalesced),
        statistics.Misses,
        statistics.Bypassed,
        pipeline.GetService<CoalescingChatClient>()!.Waiting,
        memory.Count,
        memory.Bytes,
        statistics.TokensSaved,
        statistics.CostSaved.Dollars,
        redis.IsConfigured ? redis.IsAvailable ? "up" : "down" : "off",
        SemanticStatsReply.Of(configuration.Current.Options.Caching.Semantic.Mode, semantic, store)));

    private static async Task<Ok<CacheClearedReply>> ClearAsync(HttpContext http, CacheGenerations generations, SemanticCache semantic, GatewayConfiguration configuration, string? tenant, string? model, string? prompt)
    {
        if (http.Request.Query.Keys.FirstOrDefault(key => !Filters.Contains(key)) is { } unknown)
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"{Shown.Short(unknown)} is not a filter; expected one of {string.Join(", ", Filters)}.", Shown.Short(unknown));
        }

        (string Kind, string? Name)[] given = [("tenant", tenant), ("model", model), ("prompt", prompt)];
        var named = given.Where(filter => filter.Name is not null).ToArray();
        if (named.FirstOrDefault(filter => filter.Name!.Length == 0) is { Kind: { } empty })
        {
            // An empty variable in a script must not clear everything.
            throw new GatewayException(ErrorCode.InvalidValue, $"{empty} is empty; expected a name, or no {empty} at all.", empty);
        }

        if (named.Length > 1)
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"{named[1].Kind} is given beside {named[0].Kind}; expected one of them.", named[1].Kind);
        }

        var scope = named.Length == 0 ? CacheGenerations.All
            : CacheGenerations.Scope(named[0].Kind, named[0].Kind == "model" ? configuration.Current.Models.ListedName(named[0].Name!) : named[0].Name!);
        var (cleared, allReplicas) = await generations.ClearAsync(scope);
        return TypedResults.Ok(new CacheClearedReply(cleared, await semantic.ClearAsync(cleared) && allReplicas));
    }
}

/// <summary>What /cache/stats answers.</summary>
/// <param name="Hits">Answers that were reused.</param>
/// <param name="Misses">Look-ups that found nothing.</param>
/// <param name="Bypassed">Requests that were not looked up.</param>
/// <param name="Waiting">Requests that wait at this moment for a call that identical ones share, or would.</param>
/// <param name="Entries">Answers in this replica's memory.</param>
/// <param name="Bytes">The memory they take.</param>
/// <param name="TokensSaved">Input and output tokens of the reused answers.</param>
/// <param name="CostSavedUsd">What they cost when they were given first, as far as that is known.</param>
/// <param name="Redis">up, down, or off where none is configured.</param>
/// <param name="Semantic">The semantic cache.</param>
internal sealed record CacheStatsReply(
    CacheHitsReply Hits, long Misses, long Bypassed, int Waiting, int Entries, long Bytes, long TokensSaved, decimal CostSavedUsd, string Redis, SemanticStatsReply Semantic);

/// <summary>Reused answers by where they came from.</summary>
/// <param name="Memory">This replica's memory.</param>
/// <param name="Redis">Redis.</param>
/// <param name="Semantic">A question that asks the same in other words.</param>
/// <param name="Coalesced">The call of an identical request that was on its way.</param>
internal sealed record CacheHitsReply(long Memory, long Redis, long Semantic, long Coalesced);

/// <summary>What the semantic cache of this replica has done.</summary>
/// <param name="Mode">off, shadow or on.</param>
/// <param name="Store">index (in this process), or qdrant.</param>
/// <param name="Entries">Questions in this process; null where they are in Qdrant.</param>
/// <param name="Bytes">The memory they take; null where they are in Qdrant.</param>
/// <param name="Dropped">Answers that could not be written to the file, or to Qdrant.</param>
/// <param name="Lookups">Questions that it looked for.</param>
/// <param name="Refusals">How often the nearest question was near enough, but its answer was refused, by the reason.</param>
/// <param name="Shadow">What it would have given, in shadow mode; null in others.</param>
internal sealed record SemanticStatsReply(string Mode, string Store, int? Entries, long? Bytes, long Dropped, long Lookups, IReadOnlyDictionary<string, long> Refusals, SemanticShadowReply? Shadow)
{
    /// <summary>The statistics as they are told.</summary>
    public static SemanticStatsReply Of(SemanticMode mode, SemanticStatistics statistics, ISemanticStore store) => new(
        mode.ToString().ToLowerInvariant(), store.Name, store.Count, store.Bytes, store.Dropped, statistics.Lookups, statistics.Refusals, mode == SemanticMode.Shadow ? SemanticShadowReply.Of(statistics) : null);
}

/// <summary>What the semantic cache would have given, and how it compares with the fresh answers.</summary>
/// <param name="WouldHit">Questions that would have been answered.</param>
/// <param name="WouldHitRate">Their share of all that were looked for; null while there is none.</param>
/// <param name="Compared">Those whose fresh answer was kept, and compared.</param>
/// <param name="Identical">Of these, the same text but for letter case, space and punctuation.</param>
/// <param name="Agreeing">Of these, at least half of the words in common.</param>
/// <param name="Agreement">The share of the agreeing; null while there is none. Models word the same answer anew each time, so look at what does not agree before you believe it wrong.</param>
/// <param name="MeanOverlap">The mean share of words in common, 0 to 1; null while there is none.</param>
internal sealed record SemanticShadowReply(long WouldHit, double? WouldHitRate, long Compared, long Identical, long Agreeing, double? Agreement, double? MeanOverlap)
{
    /// <summary>The statistics as they are told.</summary>
    public static SemanticShadowReply Of(SemanticStatistics statistics) => new(
        statistics.WouldBe, Share(statistics.WouldBe, statistics.Lookups), statistics.Compared, statistics.Identical, statistics.Agreeing,
        Share(statistics.Agreeing, statistics.Compared), statistics.Overlap is { } overlap ? Math.Round(overlap, 3) : null);

    private static double? Share(long part, long whole) => whole == 0 ? null : Math.Round((double)part / whole, 4);
}

/// <summary>What DELETE /cache answers.</summary>
/// <param name="Cleared">all, or the filter: tenant:NAME, model:NAME, prompt:NAME; all as well where more than 10,000 of those were cleared.</param>
/// <param name="AllReplicas">Whether all replicas were told; else this one alone has forgotten, and tells the others when Redis is back: repeat it if this replica is restarted before.</param>
internal sealed record CacheClearedReply(string Cleared, bool AllReplicas);
