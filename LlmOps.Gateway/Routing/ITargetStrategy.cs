using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Routing;

/// <summary>Says in which order the targets of a model are tried for a request.</summary>
internal interface ITargetStrategy
{
    /// <summary>What the configuration calls it.</summary>
    string Name { get; }

    /// <summary>Brings the targets into the order in which they are tried, the preferred one first.</summary>
    void Arrange(Span<Target> targets, GatewayRequest request);
}

/// <summary>The strategies, by the names that the configuration calls them.</summary>
internal static class TargetStrategies
{
    /// <summary>The one of models that name none.</summary>
    public const string Default = "order";

    /// <summary>All of them.</summary>
    public static IReadOnlyDictionary<string, ITargetStrategy> All { get; } =
        new ITargetStrategy[] { new OrderStrategy(), new WeightedStrategy(), new LatencyStrategy(), new StickyStrategy() }
            .ToDictionary(strategy => strategy.Name, StringComparer.OrdinalIgnoreCase);
}

/// <summary>A fallback chain: always as configured.</summary>
internal sealed class OrderStrategy : ITargetStrategy
{
    /// <inheritdoc/>
    public string Name => TargetStrategies.Default;

    /// <inheritdoc/>
    public void Arrange(Span<Target> targets, GatewayRequest request)
    {
    }
}
