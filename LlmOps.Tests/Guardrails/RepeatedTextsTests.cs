using System.Text.Json;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Guardrails;
using LlmOps.Gateway.Pipeline;
using LlmOps.Tests.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Guardrails;

/// <summary>Long texts that come again: clean ones are not looked at twice, and nothing else follows from that; over real sockets.</summary>
public sealed class RepeatedTextsTests : GuardedTests
{
    private static readonly string Long = string.Concat(Enumerable.Repeat("The harbour was quiet when the ferry arrived. ", 20));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CleanText_IsKnown_AndGoesInAsItIs(bool streaming)
    {
        (await AskAsync(streaming, Long)).Status.ShouldBe(200);

        IsKnown(Long, Principal.Local.Tenant).ShouldBeTrue();
        IsKnown(Long, "another").ShouldBeFalse();
        IsKnown(Long + ".", Principal.Local.Tenant).ShouldBeFalse();
        (await AskAsync(streaming, Long)).Status.ShouldBe(200);
        Received.ShouldBe(Long);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Attack_IsRefusedEachTime(bool streaming)
    {
        With("PromptInjection", "Enforce");

        for (var time = 0; time < 3; time++)
        {
            (await AskAsync(streaming, Long + Attack)).Code.ShouldBe("content_policy");
        }

        IsKnown(Long + Attack, Principal.Local.Tenant).ShouldBeFalse();
        (await AskAsync(streaming, Long)).Status.ShouldBe(200);
        (await AskAsync(streaming, Long + Attack)).Code.ShouldBe("content_policy");
    }

    [Fact]
    public async Task WhatIsMonitored_IsCountedEachTime()
    {
        With("Secrets", "Monitor");

        for (var time = 0; time < 3; time++)
        {
            (await AskAsync(streaming: false, Long + Key)).Status.ShouldBe(200);
        }

        (await MetricsAsync()).GetProperty("outcomes").GetProperty("monitored").GetInt64().ShouldBe(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PersonalData_AreMaskedEachTime(bool streaming)
    {
        With("PersonalData", "Enforce");
        With("PersonalDataAction", "Mask");

        for (var time = 0; time < 2; time++)
        {
            (await AskAsync(streaming, Long + "alice@example.com")).Status.ShouldBe(200);

            Received.ShouldBe(Long + "[EMAIL_1]");
        }
    }

    [Theory]
    [InlineData("""{"prompt_injection":"off"}""", " " + Attack)]
    [InlineData("""{"secrets":"off"}""", " " + Key)]
    public async Task CleanUnderAKeysModes_IsNotCleanUnderOthers(string modes, string what)
    {
        With("Secrets", "Enforce");
        With("PromptInjection", "Enforce");
        var key = await KeyAsync($$"""{"name":"lab","guardrails":{{modes}}}""");

        (await ChatAsync(Long + what, key: key)).Status.ShouldBe(200);
        (await ChatAsync(Long + what, key: key)).Status.ShouldBe(200);

        (await ChatAsync(Long + what)).Status.ShouldBe(400);
    }

    // An application may tell a model to ignore instructions; its users may not.
    [Fact]
    public async Task CleanAsTheApplications_IsNotCleanAsTheUsers()
    {
        With("PromptInjection", "Enforce");
        string Body(string role) => $$"""{"model":"gpt-4o","messages":[{"role":"{{role}}","content":{{JsonSerializer.Serialize(Long + Attack)}}},{"role":"user","content":"Hi"}]}""";

        using var application = await Gateway.CompleteAsync(Body("system"), false);
        using var user = await Gateway.CompleteAsync(Body("user"), false);

        ((int)application.StatusCode, (int)user.StatusCode).ShouldBe((200, 400));
    }

    [Fact]
    public void Mark_DiffersByPolicy_AndThereIsNoneOfAShortText()
    {
        var policy = PolicyOf();

        CleanTexts.MarkOf(Long[..CleanTexts.Shortest], policy, "default", mayInstruct: true).ShouldNotBeNull();
        CleanTexts.MarkOf(Long[..(CleanTexts.Shortest - 1)], policy, "default", mayInstruct: true).ShouldBeNull();
        CleanTexts.MarkOf(Long, policy, "default", mayInstruct: true).ShouldNotBe(CleanTexts.MarkOf(Long, PolicyOf(), "default", mayInstruct: true));
    }

    [Fact]
    public void Text_TakesThePlaceOfAnother_AndIsKnownItself()
    {
        var clean = new CleanTexts();
        var policy = PolicyOf();
        var marks = Enumerable.Range(0, 100_000).Select(number => CleanTexts.MarkOf($"{Long}{number}", policy, "default", mayInstruct: true)!.Value).ToList();

        foreach (var mark in marks)
        {
            clean.Contains(mark).ShouldBeFalse();
            clean.Add(mark);
            clean.Contains(mark).ShouldBeTrue();
        }

        marks.Distinct().Count().ShouldBe(marks.Count);
        marks.Count(clean.Contains).ShouldBeInRange(1, 1 << 15);
    }

    private bool IsKnown(string text, string tenant)
    {
        var configuration = Gateway.Services.GetRequiredService<GatewayConfiguration>().Current;
        var policy = configuration.Guardrails.Of(new GatewayRequest
        {
            RequestId = "",
            Endpoint = "/v1/chat/completions",
            Family = "/v1/chat/completions",
            Principal = Principal.Local,
            Configuration = configuration,
            StartedAt = 0,
            Timeout = TimeSpan.Zero,
            CallerGone = default,
            Stopping = default,
        });
        return CleanTexts.MarkOf(text, policy, tenant, mayInstruct: true) is { } mark && configuration.Guardrails.Clean.Contains(mark);
    }

    private static GuardrailPolicy PolicyOf() => new(ConfigurationTests.Build().Guardrails, isOpenAI: true);
}
