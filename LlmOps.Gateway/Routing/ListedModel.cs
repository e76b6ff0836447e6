using LlmOps.Gateway.Accounting;

namespace LlmOps.Gateway.Routing;

/// <summary>A model that can be asked now, as GET /v1/models shows it.</summary>
internal sealed record ListedModel(ModelRoute Route, int? ContextWindow, string? UseCase)
{
    /// <summary>What is known of the model where it is had.</summary>
    public ModelFacts? Facts => Route.Target.Pricing.Facts;
}
