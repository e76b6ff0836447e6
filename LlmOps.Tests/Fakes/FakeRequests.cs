using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Routing;
using LlmOps.Tests.Configuration;

namespace LlmOps.Tests.Fakes;

/// <summary>Facts of a request that no endpoint received, for what is tested without one.</summary>
internal static class FakeRequests
{
    /// <summary>A target that has a name and no more.</summary>
    public static Target Target { get; } = new("fake", "gpt-4o-mini", null!, ProviderTypes.OpenAI, new Pricing(null, PriceSource.Unpriced));

    /// <summary>A request of which nothing is known but that it is there.</summary>
    public static GatewayRequest Bare() => new()
    {
        RequestId = "r1",
        Endpoint = "/v1/chat/completions",
        Principal = Principal.Local,
        Configuration = ConfigurationTests.Build(),
        StartedAt = 0,
        CallerGone = default,
        Stopping = default,
    };
}
