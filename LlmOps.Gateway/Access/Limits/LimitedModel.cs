using LlmOps.Gateway.Routing;

namespace LlmOps.Gateway.Access.Limits;

/// <summary>A model that has limits, under whichever of its names it is asked: names whose first target is the same are one model.</summary>
/// <param name="Owner">Whose the limits are, such as <c>model:gpt-4o</c>.</param>
/// <param name="Provider">The provider of its first target.</param>
/// <param name="Model">That provider's name for it.</param>
/// <param name="Limits">Its limits.</param>
internal sealed record LimitedModel(string Owner, string Provider, string Model, RequestLimits Limits)
{
    /// <summary>Whether a route leads to it. Some providers take names in any letter case.</summary>
    public bool Is(Target first) =>
        Model.Equals(first.Model, StringComparison.OrdinalIgnoreCase) && Provider.Equals(first.Provider, StringComparison.OrdinalIgnoreCase);
}
