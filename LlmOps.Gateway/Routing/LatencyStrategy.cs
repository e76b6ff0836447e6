using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Routing;

/// <summary>
/// The better of two targets taken at random (Mitzenmacher, 2001), by their estimated time to the first content times the
/// calls that are on their way; the others follow at random. The best of all would get every request at once.
/// </summary>
internal sealed class LatencyStrategy : ITargetStrategy
{
    /// <inheritdoc/>
    public string Name => "latency";

    /// <inheritdoc/>
    public void Arrange(Span<Target> targets, GatewayRequest request)
    {
        Random.Shared.Shuffle(targets);
        if (targets.Length > 1 && Load(targets[1]) < Load(targets[0]))
        {
            (targets[0], targets[1]) = (targets[1], targets[0]);
        }
    }

    // A target that was never measured counts as fast, so that it is measured.
    private static double Load(Target target) => target.State.Latency.Faded * (target.State.InFlight + 1);
}
