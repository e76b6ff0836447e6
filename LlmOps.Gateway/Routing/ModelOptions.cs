using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Routing;

/// <summary>A model under the name callers use.</summary>
internal sealed class ModelOptions
{
    /// <summary>Where requests for the model go: at least one, at most 32. Those whose provider is not configured are passed over.</summary>
    public List<TargetOptions> Targets { get; set; } = [];

    /// <summary>In which order the targets are tried: order (as listed: each stands in for those before it), weighted (at random, by Weight), latency (the faster of two taken at random), or sticky (by X-LlmOps-Session, else X-LlmOps-User, else the credential).</summary>
    public string Strategy { get; set; } = TargetStrategies.Default;

    /// <summary>What the model is good for, shown in GET /v1/models.</summary>
    public string? UseCase { get; set; }

    /// <summary>Size of its context window in tokens, shown in GET /v1/models.</summary>
    [Range(1, int.MaxValue)]
    public int? ContextWindow { get; set; }
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
