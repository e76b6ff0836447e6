using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Routing;

/// <summary>At random, each target first as often as its weight says. Of weight 0 are those that only stand in for others.</summary>
internal sealed class WeightedStrategy : ITargetStrategy
{
    /// <inheritdoc/>
    public string Name => "weighted";

    /// <inheritdoc/>
    public void Arrange(Span<Target> targets, GatewayRequest request)
    {
        // The highest of u^(1/w) is drawn with a probability of w (Efraimidis and Spirakis, 2006), and so on for the rest.
        Span<double> keys = stackalloc double[targets.Length];
        for (var index = 0; index < keys.Length; index++)
        {
            keys[index] = targets[index].Weight == 0 ? 1 : -Math.Pow(Random.Shared.NextDouble(), 1.0 / targets[index].Weight);
        }

        keys.Sort(targets);
    }
}
