using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Caching.Coalescing;
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

    private static Ok<CacheStatsReply> Stats(CacheStatistics statistics, MemoryAnswers memory, IRedis redis, IChatClient pipeline) => TypedResults.Ok(new CacheStatsReply(
        new CacheHitsReply(statistics.MemoryHits, statistics.RedisHits, statistics.Coalesced),
        statistics.Misses,
        statistics.Bypassed,
        pipeline.GetService<CoalescingChatClient>()!.Waiting,
        memory.Count,
        memory.Bytes,
        statistics.TokensSaved,
        statistics.CostSaved.Dollars,
        redis.IsConfigured ? redis.IsAvailable ? "up" : "down" : "off"));

    private static async Task<Ok<CacheClearedReply>> ClearAsync(HttpContext http, CacheGenerations generations, GatewayConfiguration configuration, string? tenant, string? model, string? prompt)
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
        return TypedResults.Ok(new CacheClearedReply(cleared, allReplicas));
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
internal sealed record CacheStatsReply(
    CacheHitsReply Hits, long Misses, long Bypassed, int Waiting, int Entries, long Bytes, long TokensSaved, decimal CostSavedUsd, string Redis);

/// <summary>Reused answers by where they came from.</summary>
/// <param name="Memory">This replica's memory.</param>
/// <param name="Redis">Redis.</param>
/// <param name="Coalesced">The call of an identical request that was on its way.</param>
internal sealed record CacheHitsReply(long Memory, long Redis, long Coalesced);

/// <summary>What DELETE /cache answers.</summary>
/// <param name="Cleared">all, or the filter: tenant:NAME, model:NAME, prompt:NAME; all as well where more than 10,000 of those were cleared.</param>
/// <param name="AllReplicas">Whether all replicas were told; else this one alone has forgotten, and tells the others when Redis is back: repeat it if this replica is restarted before.</param>
internal sealed record CacheClearedReply(string Cleared, bool AllReplicas);
