using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Routing;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints;

/// <summary>GET /admin/models: where each model is to be had, and how its targets fare.</summary>
internal static class AdminModelsEndpoint
{
    public static void MapAdminModels(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/admin/models", Get).WithTags("Administration").WithSummary("Where each model is to be had, and how its targets fare");

    private static Ok<RoutingReply> Get(GatewayConfiguration configuration, TimeProvider time)
    {
        var (snapshot, today) = (configuration.Current, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        return TypedResults.Ok(new RoutingReply(
            [.. snapshot.Models.Live.Select(model => RouteReply.Of(model.Route, snapshot.Options.Routing.Breaker, today))]));
    }
}

/// <summary>What /admin/models answers.</summary>
/// <param name="Models">The models that can be asked now.</param>
internal sealed record RoutingReply(IReadOnlyList<RouteReply> Models);

/// <summary>One model.</summary>
/// <param name="Id">What callers call it.</param>
/// <param name="Strategy">In which order its targets are tried.</param>
/// <param name="Hedging">When a second target is asked beside the first: off, delay or p95.</param>
/// <param name="Targets">The targets, as configured.</param>
internal sealed record RouteReply(string Id, string Strategy, string Hedging, IReadOnlyList<TargetReply> Targets)
{
    public static RouteReply Of(ModelRoute route, BreakerOptions options, DateOnly today) =>
        new(route.Name, route.Strategy.Name, (route.Hedging?.Mode ?? HedgingMode.Off).ToString().ToLowerInvariant(), [.. route.Targets.Select(target => TargetReply.Of(target, options, today))]);
}

/// <summary>One model at one provider. What is known of it, all models that lead to it share.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Model">The provider's name for the model.</param>
/// <param name="Weight">Its share under the strategies that have shares.</param>
/// <param name="Pricing">Where its price comes from: listed, reported, free or unpriced, as in GET /v1/models.</param>
/// <param name="Breaker">closed: it is called; open: it failed too often and is left alone; half_open: single calls show whether it is back.</param>
/// <param name="WaitSeconds">How long until it can be called; 0 for now.</param>
/// <param name="InFlight">Calls on their way to it.</param>
/// <param name="LatencyMs">Estimated time to its first content; null where nothing was measured.</param>
/// <param name="LastError">Its latest failure; null where there was none.</param>
/// <param name="Keys">What it is called with.</param>
internal sealed record TargetReply(
    string Provider, string Model, int Weight, string Pricing, string Breaker, double WaitSeconds, int InFlight, double? LatencyMs, TargetErrorReply? LastError, IReadOnlyList<KeyReply> Keys)
{
    public static TargetReply Of(Target target, BreakerOptions options, DateOnly today)
    {
        var state = target.State;
        return new TargetReply(
            target.Provider,
            target.Model,
            target.Weight,
            target.Pricing.SourceOn(today).ToString().ToLowerInvariant(),
            state.Breaker.Look(options).State switch
            {
                BreakerState.Closed => "closed",
                BreakerState.Open => "open",
                _ => "half_open",
            },
            Seconds(target.Wait(options)),
            state.InFlight,
            state.Latency.Value is { } latency ? Math.Round(latency.TotalMilliseconds, 1) : null,
            state.LastFailure is { } failure ? new TargetErrorReply(failure.At, failure.Error.Code, failure.Status) : null,
            [.. target.Keys.All.Select(key => KeyReply.Of(key, state))]);
    }

    /// <summary>A time to come, in seconds.</summary>
    public static double Seconds(TimeSpan wait) => wait > TimeSpan.Zero ? Math.Round(wait.TotalSeconds, 1) : 0;
}

/// <summary>A failure of a target. What the provider said is not shown: it may quote a prompt.</summary>
/// <param name="At">When.</param>
/// <param name="Code">The code that callers were told, or would have been.</param>
/// <param name="Status">HTTP status of the provider's answer; null without one.</param>
internal sealed record TargetErrorReply(DateTimeOffset At, string Code, int? Status);

/// <summary>A key of a provider, by its place in the configuration.</summary>
/// <param name="Number">Which one it is, from 1.</param>
/// <param name="State">ready; resting: this target is left alone, as the provider asked or as it has no quota left; set_aside: the provider does not accept it.</param>
/// <param name="WaitSeconds">How long that still holds; 0 for a key that is ready.</param>
internal sealed record KeyReply(int Number, string State, double WaitSeconds)
{
    public static KeyReply Of(ProviderKey key, TargetState target) => (key.SetAsideFor, target.RestOf(key)) switch
    {
        var (aside, _) when aside > TimeSpan.Zero => new KeyReply(key.Number, "set_aside", TargetReply.Seconds(aside)),
        var (_, rest) when rest > TimeSpan.Zero => new KeyReply(key.Number, "resting", TargetReply.Seconds(rest)),
        _ => new KeyReply(key.Number, "ready", 0),
    };
}
