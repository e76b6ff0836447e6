using LlmOps.Gateway.Access.Parameters;

namespace LlmOps.Tests.Access.Parameters;

public sealed class RoutePolicyTests
{
    [Theory]
    [InlineData("/", "/chat", true)]
    [InlineData("/v1", "/v1/chat/completions", true)]
    [InlineData("/V1/Chat", "/v1/chat/completions", true)]
    [InlineData("/chat", "/chat", true)]
    [InlineData("/chat", "/chat/stream", true)]
    [InlineData("/chat", "/chatter", false)]
    [InlineData("/chat/stream", "/chat", false)]
    public void Policy_HoldsForWholeSegments(string path, string route, bool expected) =>
        RoutePolicy.HoldsFor(path, route).ShouldBe(expected);

    [Fact]
    public void WhatCannotBe_IsToldByItsKey()
    {
        var faults = new List<string>();

        RoutePolicy.Validate(
            new Dictionary<string, RoutePolicy>
            {
                ["v1"] = new(),
                ["/chat/"] = new(),
                ["/"] = new(),
                ["/invoke"] = new() { TemperatureMin = 1, TemperatureMax = 0.5f },
                ["/llm"] = new() { TopPMin = 1, TopPMax = 0.5f },
            },
            faults);

        faults.ShouldBe(
        [
            "Gateway:Access:Routes:v1 is named by no path; expected one such as /v1 or /llm/generate, without a slash at its end.",
            "Gateway:Access:Routes:/chat/ is named by no path; expected one such as /v1 or /llm/generate, without a slash at its end.",
            "Gateway:Access:Routes:/invoke:TemperatureMin is above TemperatureMax; expected a range.",
            "Gateway:Access:Routes:/llm:TopPMin is above TopPMax; expected a range.",
        ]);
    }
}
