using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Routing;
using LlmOps.Tests.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Tests.Fakes;

/// <summary>Facts of a request that no endpoint received, for what is tested without one.</summary>
internal static class FakeRequests
{
    /// <summary>States of targets that nobody else sees.</summary>
    public static TargetStates States(TimeProvider? time = null) => new(time ?? TimeProvider.System, NullLogger<TargetState>.Instance);

    /// <summary>A target that has a name and no more.</summary>
    public static Target Target(string provider = "fake", string model = "gpt-4o-mini", TimeProvider? time = null) => new(
        provider, model, null!, ProviderTypes.OpenAI, new Pricing(new ModelFacts(provider, [model], Price: new ModelPrice(0.1m, 0.15m)), PriceSource.Listed), new ProviderKeys(new Secret(GatewayApplication.ProviderKey), time ?? TimeProvider.System), States(time).Of(provider, model));

    /// <summary>A request of which nothing is known but that it is there.</summary>
    public static GatewayRequest Bare(string? session = null, TimeProvider? time = null) => new()
    {
        RequestId = "r1",
        Endpoint = "/v1/chat/completions",
        Family = "/v1/chat/completions",
        Principal = Principal.Local,
        Configuration = ConfigurationTests.Build(),
        StartedAt = (time ?? TimeProvider.System).GetTimestamp(),
        Timeout = TimeSpan.FromMinutes(1),
        Session = session,
        CallerGone = default,
        Stopping = default,
    };

    /// <summary>An attempt at that request, which is then its attempt.</summary>
    public static Attempt Attempt(GatewayRequest request)
    {
        var target = Target();
        return new Attempt(target, target.Keys.All[0], target.State.Breaker.TryEnter(new BreakerOptions())!.Value, new GatewayChatOptions { Request = request }, request.Timeout, streaming: false, TimeProvider.System, default);
    }
}
