using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Pipeline;

/// <summary>
/// The facts of one request, from its arrival to its log line. The endpoint fills in what was asked,
/// the stages what became of it.
/// </summary>
internal sealed class GatewayRequest
{
    private Attempt[] _lost = [];
    private NanoUsd? _beside = new NanoUsd(0);

    /// <summary>X-Request-ID: a label for people; a caller may repeat it.</summary>
    public required string RequestId { get; init; }

    /// <summary>Route of the endpoint, such as /v1/chat/completions.</summary>
    public required string Endpoint { get; init; }

    /// <summary>Requests of one family may have the same answer: how it is sent, as a stream or not, does not matter.</summary>
    public required string Family { get; init; }

    /// <summary>Whether answers of this endpoint are cached unless something says otherwise.</summary>
    public bool IsCachedByDefault { get; init; }

    /// <summary>Who asks.</summary>
    public required Principal Principal { get; init; }

    /// <summary>The configuration this request lives under, whatever is reloaded meanwhile.</summary>
    public required GatewaySnapshot Configuration { get; init; }

    /// <summary>Timestamp of the arrival, by the TimeProvider.</summary>
    public required long StartedAt { get; init; }

    /// <summary>Longest the whole request may take, from its arrival.</summary>
    public required TimeSpan Timeout { get; set; }

    /// <summary>X-LlmOps-Session: a label of the conversation; null without one.</summary>
    public string? Session { get; init; }

    /// <summary>X-LlmOps-User: a label of the caller's user; null without one.</summary>
    public string? User { get; init; }

    /// <summary>What its headers say of the cache.</summary>
    public CacheControls CacheControls { get; set; }

    /// <summary>What the cache is to it; null where it is nothing.</summary>
    public CacheUse? Cache { get; set; }

    /// <summary>The value of X-LlmOps-Cache.</summary>
    public string CacheStatus { get; set; } = Caching.CacheStatus.Bypass;

    /// <summary>The answer that it did not have to pay for; null where a provider was asked for it.</summary>
    public ReusedAnswer? Reused { get; set; }

    /// <summary>The prompt that it was made from; null for none.</summary>
    public PromptIdentity? Prompt { get; set; }

    /// <summary>What the semantic cache is to it; null where it is nothing.</summary>
    public SemanticUse? Semantic { get; set; }

    /// <summary>What it had to do without (X-LlmOps-Degraded): redis, qdrant, … with commas between; null for nothing.</summary>
    public string? Degraded { get; private set; }

    /// <summary>Cancelled when the caller has left.</summary>
    public required CancellationToken CallerGone { get; init; }

    /// <summary>Cancelled when the gateway stops and the time to finish is over. Each attempt watches it beside the caller: a token linked to both would cost every request.</summary>
    public required CancellationToken Stopping { get; init; }

    /// <summary>The model as the caller names it; null until the body is understood.</summary>
    public string? Model { get; set; }

    /// <summary>What the caller asked, whatever stages make of it: what a translation cannot say is told by its fields. Null where they are no provider's protocol.</summary>
    public OriginalRequest? Asked { get; set; }

    /// <summary>Where the requested model is to be had; null until the body is understood.</summary>
    public ModelRoute? Route { get; set; }

    /// <summary>Whether the caller asked for a stream.</summary>
    public bool Streaming { get; set; }

    /// <summary>Temperature in force, 0 to 2; null when left to the provider.</summary>
    public float? Temperature { get; set; }

    /// <summary>Most output tokens in force; null when left to the provider.</summary>
    public int? MaxTokens { get; set; }

    /// <summary>Calls made to providers so far.</summary>
    public int Attempts { get; set; }

    /// <summary>The attempt that answered, or was made last; null while there was none.</summary>
    public Attempt? Attempt { get; set; }

    /// <summary>What the request cost, the attempts that lost to a quicker one and what was paid beside them included; null where a price, or a number of tokens, is not known.</summary>
    public NanoUsd? Cost
    {
        get
        {
            var cost = Reused is null ? Attempt?.Cost : new NanoUsd(0);
            foreach (var lost in _lost)
            {
                cost = Sum(cost, lost.CostBeside(Attempt!));
            }

            return Sum(cost, _beside);
        }
    }

    /// <summary>Whether a part of the cost is estimated: the provider of an attempt that lost does not tell what it counted.</summary>
    public bool CostIsEstimated
    {
        get
        {
            foreach (var lost in _lost)
            {
                if (lost.Cost is null && lost.Target.Pricing.Source != PriceSource.Free)
                {
                    return Cost is not null;
                }
            }

            return false;
        }
    }

    /// <summary>The target of that attempt.</summary>
    public Target? Target => Attempt?.Target;

    /// <summary>Whose answer it is, now or when it was given first; null while there is none.</summary>
    public string? Provider => Reused?.Provider ?? Target?.Provider;

    /// <summary>That provider's name for the model.</summary>
    public string? ProviderModel => Reused?.ProviderModel ?? Target?.Model;

    /// <summary>From arrival to the first content of a stream.</summary>
    public TimeSpan? TimeToFirstChunk { get; set; }

    /// <summary>How the request failed; null while it has not.</summary>
    public ErrorCode? Error { get; set; }

    /// <summary>Takes in which model is asked for.</summary>
    /// <exception cref="GatewayException">Nobody has it.</exception>
    public void AskFor(string model)
    {
        Model = Shown.Short(model);
        Route = Configuration.Models.Resolve(model).Route;
    }

    /// <summary>
    /// A request that the gateway makes for this one, to another model: with a time and attempts of its own. What it costs is to
    /// be added (<see cref="AddCost"/>).
    /// </summary>
    /// <param name="route">The model.</param>
    /// <param name="timeout">Its time; half of what this request has left, where that is less.</param>
    /// <param name="time">The clock.</param>
    /// <param name="callerGone">Cancelled when nobody waits for it any more.</param>
    public GatewayRequest Beside(ModelRoute route, TimeSpan timeout, TimeProvider time, CancellationToken callerGone)
    {
        var left = (Timeout - time.GetElapsedTime(StartedAt)) / 2;
        return new GatewayRequest
        {
            RequestId = RequestId,
            Endpoint = Endpoint,
            Family = Family,
            Principal = Principal,
            Configuration = Configuration,
            StartedAt = time.GetTimestamp(),
            Timeout = left < timeout ? left : timeout,
            CallerGone = callerGone,
            Stopping = Stopping,
            Model = route.Name,
            Route = route,
        };
    }

    /// <summary>Notes an attempt that lost to a quicker one.</summary>
    public void AddLost(Attempt attempt) => _lost = [.. _lost, attempt];

    /// <summary>Adds what was paid beside the attempts, as for an embedding; null where that is not known.</summary>
    public void AddCost(NanoUsd? cost) => _beside = Sum(_beside, cost);

    /// <summary>Notes what it has to do without.</summary>
    public void DoWithout(string dependency)
    {
        if (Degraded is null)
        {
            Degraded = dependency;
        }
        else if (!Degraded.Split(',').Contains(dependency))
        {
            Degraded = $"{Degraded},{dependency}";
        }
    }

    private static NanoUsd? Sum(NanoUsd? one, NanoUsd? other) => one is { } sum && other is { } more ? new NanoUsd(sum.Value + more.Value) : null;
}
