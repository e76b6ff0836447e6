using System.ComponentModel.DataAnnotations;
using LlmOps.Gateway.Caching;

namespace LlmOps.Gateway.Routing;

/// <summary>A model under the name callers use.</summary>
internal sealed class ModelOptions
{
    /// <summary>Where requests for the model go: at least one, at most 32. Those whose provider is not configured are passed over.</summary>
    public List<TargetOptions> Targets { get; set; } = [];

    /// <summary>In which order the targets are tried: order (as listed: each stands in for those before it), weighted (at random, by Weight), latency (the faster of two taken at random), or sticky (by X-LlmOps-Session, else X-LlmOps-User, else the credential).</summary>
    public string Strategy { get; set; } = TargetStrategies.Default;

    /// <summary>When a second target is asked beside the first.</summary>
    public HedgingOptions Hedging { get; set; } = new();

    /// <summary>Whether its answers are cached: Default (as the endpoint does), On (unless the request says otherwise), or Off.</summary>
    public ModelCaching Caching { get; set; }

    /// <summary>How long its answers are given again; unset: Gateway:Caching:TimeToLive.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan? CacheTimeToLive { get; set; }

    /// <summary>The gateway's tools that it may be offered, with * at the end for all that begin so; unset: it says nothing of them. A name that no tool has offers none.</summary>
    public List<string> Tools { get; set; } = [];

    /// <summary>What the model is good for, shown in GET /v1/models.</summary>
    public string? UseCase { get; set; }

    /// <summary>Size of its context window in tokens, shown in GET /v1/models.</summary>
    [Range(1, int.MaxValue)]
    public int? ContextWindow { get; set; }
}

/// <summary>When a second target is asked beside one whose answer is late; the first content wins, and the other call is cancelled. What both cost is paid.</summary>
internal sealed class HedgingOptions
{
    /// <summary>Off; Delay: after Delay; P95: when the target has taken longer than 95 % of its last hundred answers did (streams and whole answers apart), and after Delay while it has given fewer than twenty. Hedges are retries to the gateway-wide budget: at most a tenth of all requests.</summary>
    public HedgingMode Mode { get; set; }

    /// <summary>How long a target may take to its first content (not streamed: to its whole answer) before the next one is asked too.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>How the moment of a hedge is found.</summary>
internal enum HedgingMode
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>A fixed time after the call began.</summary>
    Delay,

    /// <summary>Where 95 % of the target's recent answers had come.</summary>
    P95,
}

/// <summary>One model at one provider.</summary>
internal sealed class TargetOptions
{
    /// <summary>Name of the provider under Gateway:Providers, or of a known one.</summary>
    [Required]
    public string Provider { get; set; } = "";

    /// <summary>The provider's own name for the model.</summary>
    [Required]
    public string Model { get; set; } = "";

    /// <summary>Share of the requests under the strategies weighted and sticky; 0 only stands in for others.</summary>
    [Range(0, 1_000_000)]
    public int Weight { get; set; } = 1;

    /// <summary>Most calls to the target at a time; further requests go to the next target or, where there is none, wait. Unset: no limit. All models that lead to the same target share it, and should name the same.</summary>
    [Range(1, 1_000_000)]
    public int? MaxConcurrency { get; set; }

    /// <summary>Requests that may wait for one of those calls to end, in the order of their arrival; further ones are a 503.</summary>
    [Range(0, 1_000_000)]
    public int QueueLimit { get; set; } = 100;
}
