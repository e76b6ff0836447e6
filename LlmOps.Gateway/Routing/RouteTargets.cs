using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Routing;

/// <summary>
/// The targets that a request may still go to, in the order of its model's strategy, and what is told where none of them
/// can be called.
/// </summary>
internal sealed class RouteTargets
{
    private readonly IRoutedCall _call;
    private readonly BreakerOptions _breaker;
    private readonly IReadOnlyList<Target> _targets;
    private int _next;
    private int _largerThan;

    public RouteTargets(IRoutedCall call)
    {
        _call = call;
        _breaker = call.Request.Configuration.Options.Routing.Breaker;
        _targets = Arranged(call.Request);
    }

    /// <summary>Whether all of them were taken.</summary>
    public bool AtEnd => _next >= _targets.Count;

    /// <summary>What the first target that was passed over cannot take of the request; null where none was.</summary>
    public GatewayException? Refusal { get; private set; }

    /// <summary>The next that could take the request; null where none is left.</summary>
    public Target? Next()
    {
        while (!AtEnd)
        {
            var target = _targets[_next++];
            if (IsTooSmall(target))
            {
                continue;
            }

            if (_call.Refusal(target) is not { } refusal)
            {
                return target;
            }

            Refusal ??= refusal;
        }

        return null;
    }

    /// <summary>Leaves out those whose context window is not known to be larger.</summary>
    public void OnlyLargerThan(Target target) => _largerThan = Math.Max(_largerThan, target.ContextWindow ?? int.MaxValue);

    /// <summary>Whether one of those that are left could take the request now.</summary>
    public bool AnyCanServeNow()
    {
        for (var index = _next; index < _targets.Count; index++)
        {
            var target = _targets[index];
            if (!IsTooSmall(target) && target.Wait(_breaker) <= TimeSpan.Zero && target.Slots?.GetStatistics()?.CurrentAvailablePermits != 0 && _call.Refusal(target) is null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Nobody was called, as all are open, busy, or their keys rest: come back when the first of them may be called again.</summary>
    public GatewayException NoneAvailable()
    {
        var soonest = _targets.Min(target => target.Wait(_breaker));
        return new GatewayException(
            ErrorCode.NoTargetAvailable,
            $"No target of model '{Shown.Short(_call.Request.Route!.Name)}' can be called now: {string.Join("; ", _targets.Select(Why).Distinct())}.")
        {
            RetryAfter = soonest > TimeSpan.FromSeconds(1) ? soonest : TimeSpan.FromSeconds(1),
        };
    }

    private static IReadOnlyList<Target> Arranged(GatewayRequest request)
    {
        var route = request.Route!;
        if (route.Targets.Count == 1)
        {
            return route.Targets;
        }

        var targets = route.Targets.ToArray();
        route.Strategy.Arrange(targets, request);
        return targets;
    }

    // Of a target whose window is not known nobody can say that it is larger.
    private bool IsTooSmall(Target target) => _largerThan > 0 && (target.ContextWindow ?? 0) <= _largerThan;

    private string Why(Target target) => target.State.Breaker.Look(_breaker).State switch
    {
        not BreakerState.Closed when target.State.LastFailure is { } last => $"provider '{target.Provider}' failed too often, the last time with {last.Error.Code}",
        not BreakerState.Closed => $"provider '{target.Provider}' was too slow",
        _ when target.KeyWait > TimeSpan.Zero => $"the keys of provider '{target.Provider}' rest, or were not accepted",
        _ => $"provider '{target.Provider}' has as many calls as it may have, and as many waiting",
    };
}
