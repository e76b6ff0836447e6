using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Caching;

/// <summary>What the cache is to one request: decided once, when it is first looked at.</summary>
/// <param name="Reads">Whether it may be answered from the cache, or share another's call.</param>
/// <param name="Writes">Whether its answer is kept.</param>
/// <param name="Key">Under which key.</param>
/// <param name="TimeToLive">For how long.</param>
internal sealed record CacheUse(bool Reads, bool Writes, CacheKey Key, TimeSpan TimeToLive)
{
    /// <summary>What a request's headers, its model and its endpoint say together; null where the cache is not for it.</summary>
    public static CacheUse? Of(GatewayChatOptions options, IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, CacheGenerations generations)
    {
        var request = options.Request;
        var (settings, controls, route) = (request.Configuration.Options.Caching, request.CacheControls, request.Route!);
        var (reads, writes) = (!controls.NoRead, !controls.NoWrite);
        if (request.Kept is not null)
        {
            // What was kept is this caller's alone, and may have been approved by it.
            return null;
        }

        var isWanted = controls.Wanted || route.Caching switch
        {
            ModelCaching.On => true,
            ModelCaching.Off => false,
            _ => request.IsCachedByDefault || request.Temperature == 0,
        };
        if (!settings.Enabled || route.Caching == ModelCaching.Off || !isWanted || !(reads || writes)
            || CacheKey.Of(options, messages, generations) is not { } key)
        {
            return null;
        }

        return new CacheUse(reads, writes, key, controls.TimeToLive ?? route.CacheTimeToLive ?? settings.TimeToLive);
    }
}

/// <summary>What X-LlmOps-Cache says of an answer.</summary>
internal static class CacheStatus
{
    /// <summary>It was not looked up.</summary>
    public const string Bypass = "bypass";

    /// <summary>It was not there.</summary>
    public const string Miss = "miss";

    /// <summary>From this replica's memory.</summary>
    public const string HitMemory = "hit-memory";

    /// <summary>From Redis.</summary>
    public const string HitRedis = "hit-redis";

    /// <summary>The answer to a question that asks the same in other words.</summary>
    public const string HitSemantic = "hit-semantic";

    /// <summary>From the call of an identical request.</summary>
    public const string Coalesced = "coalesced";
}
