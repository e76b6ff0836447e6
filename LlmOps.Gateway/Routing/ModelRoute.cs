using System.Text.Json;
using System.Threading.RateLimiting;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Providers;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Routing;

/// <summary>A model as callers name it, and where it is to be had.</summary>
/// <param name="Name">The name as it is listed, whatever the letter case of the request.</param>
/// <param name="Targets">Where requests for it may go, at least one; in the order of the configuration.</param>
/// <param name="Strategy">In which order they are tried.</param>
internal sealed record ModelRoute(string Name, IReadOnlyList<Target> Targets, ITargetStrategy Strategy)
{
    /// <summary>Whether its answers are cached.</summary>
    public ModelCaching Caching { get; init; }

    /// <summary>How long they are given again; null for as long as all others.</summary>
    public TimeSpan? CacheTimeToLive { get; init; }

    /// <summary>The gateway's tools that it may be offered; null where it says nothing of them.</summary>
    public IReadOnlyList<string>? Tools { get; init; }

    /// <summary>When a second target is asked beside the first; null for never.</summary>
    public HedgingOptions? Hedging { get; init; }

    /// <summary>The first target, whose limits and price stand for the model.</summary>
    public Target Target => Targets[0];

    /// <summary>Whether a target only answers where the first one does not: under all strategies but order they are each other's like.</summary>
    public bool IsStandIn(Target target) => Strategy is OrderStrategy && target != Target;

    /// <summary>The name as JSON, for answers.</summary>
    public JsonEncodedText EncodedName { get; } = JsonEncodedText.Encode(Name, Json.WriterOptions.Encoder);

    /// <summary>What the caller calls the model, as JSON: mostly the name as it is listed.</summary>
    public JsonEncodedText Encoded(string asked) => asked == Name ? EncodedName : JsonEncodedText.Encode(asked, Json.WriterOptions.Encoder);
}

/// <summary>One model at one provider.</summary>
/// <param name="Provider">The provider's name in the configuration.</param>
/// <param name="Model">The provider's own name for the model.</param>
/// <param name="Client">Answers chats; null where it cannot.</param>
/// <param name="ProviderType">The provider's protocol.</param>
/// <param name="Pricing">What its answers cost, and the limits that are published with that.</param>
/// <param name="Keys">What the provider is called with.</param>
/// <param name="State">How it fared so far.</param>
internal sealed record Target(string Provider, string Model, IChatClient? Client, string ProviderType, Pricing Pricing, ProviderKeys Keys, TargetState State)
{
    /// <summary>Makes embeddings; null where it cannot.</summary>
    public IEmbeddingGenerator<string, Embedding<float>>? Embeddings { get; init; }

    /// <summary>The root of its API; null for the built-in one.</summary>
    public Uri? Address { get; init; }

    /// <summary>Its share of the requests under the strategies that have shares.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>How many calls it takes at a time; null where there is no limit.</summary>
    public ConcurrencyLimiter? Slots { get; init; }

    /// <summary>Its context window in tokens; null where it is not known.</summary>
    public int? ContextWindow => Pricing.Facts?.ContextWindow;

    /// <summary>A key that may call it now; null where all of them are set aside or rest.</summary>
    public ProviderKey? TakeKey() => Keys.Take(State);

    /// <summary>How long until one of its keys may call it: zero or less for now.</summary>
    public TimeSpan KeyWait
    {
        get
        {
            var soonest = TimeSpan.MaxValue;
            foreach (var key in Keys.All)
            {
                var (aside, rest) = (key.SetAsideFor, State.RestOf(key));
                var wait = aside > rest ? aside : rest;
                soonest = wait < soonest ? wait : soonest;
            }

            return soonest;
        }
    }

    /// <summary>How long until it can be called: zero or less for now.</summary>
    public TimeSpan Wait(BreakerOptions options)
    {
        var (breaker, key) = (State.Breaker.Look(options).Wait, KeyWait);
        return breaker > key ? breaker : key;
    }
}
