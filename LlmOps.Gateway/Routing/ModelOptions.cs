using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Routing;

/// <summary>A model under the name callers use.</summary>
internal sealed class ModelOptions
{
    /// <summary>Where requests for the model go; exactly one for now.</summary>
    public List<TargetOptions> Targets { get; set; } = [];

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
}
