using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Routing;

/// <summary>When a target is called and when not: rests, breakers, calls at a time; and how that is shown.</summary>
public sealed class TargetAvailabilityTests : TwoTargetTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RateLimit_RestsTheTargetForAsLongAsItAsks(bool streaming)
    {
        Gateway.With("Gateway:Routing:TriesPerTarget", "3");
        First.Handler = _ => FakeOpenAI.Error(429, "slow down").Header("Retry-After", "600");

        using var first = await AskAsync(streaming);
        using var second = await AskAsync(streaming);

        (first.StatusCode, second.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        (Header(first, "X-LlmOps-Attempts"), Header(second, "X-LlmOps-Attempts")).ShouldBe(("2", "1"));
        First.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task ShortRetryAfter_IsWaitedForWhereNobodyElseCanServe()
    {
        Gateway.With("Gateway:Routing:TriesPerTarget", "3");
        First.Handler = FakeOpenAI.Handler(_ => Answer, "sk-first");
        First.Enqueue(FakeOpenAI.Error(429, "slow down").Header("retry-after-ms", "30"));

        using var response = await Gateway.CompleteAsync(Request(false, "first/gpt-4o"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Attempts").ShouldBe("2");
    }

    [Fact]
    public async Task LongRetryAfter_IsToldAtOnce()
    {
        Gateway.With("Gateway:Routing:TriesPerTarget", "3");
        First.Handler = _ => FakeOpenAI.Error(429, "slow down").Header("Retry-After", "600");

        using var limited = await Gateway.CompleteAsync(Request(false, "first/gpt-4o"));
        using var resting = await Gateway.CompleteAsync(Request(false, "first/gpt-4o"));

        limited.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        resting.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await CodeAsync(resting)).ShouldBe("no_target_available");
        resting.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(500, 600);
        First.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task OpenBreaker_SendsTheVeryNextRequestElsewhere_AndAllOpenIs503WithRetryAfter()
    {
        Gateway.With("Gateway:Routing:Breaker:MinimumCalls", "2").With("Gateway:Routing:Breaker:Cooldown", "1h");
        for (var request = 0; request < 4; request++)
        {
            using var response = await AskAsync(streaming: false);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        First.Requests.Count.ShouldBe(2);

        using var refused = await Gateway.CompleteAsync(Request(false, "first/gpt-4o"));
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await CodeAsync(refused)).ShouldBe("no_target_available");
        refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(3000, 3600);
        First.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task AdminModels_ShowsHowTargetsFare()
    {
        Gateway.With("Gateway:Routing:Breaker:MinimumCalls", "1").With("Gateway:Routing:Breaker:Cooldown", "1h");
        using (await AskAsync(streaming: false))
        {
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/models");
        request.Headers.Authorization = new("Bearer", GatewayApplication.AdministratorKey);
        using var response = await Gateway.Http.SendAsync(request);

        var chain = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("models").EnumerateArray().Single(model => model.GetProperty("id").GetString() == "chain");
        chain.GetProperty("strategy").GetString().ShouldBe("order");
        var (first, second) = (chain.GetProperty("targets")[0], chain.GetProperty("targets")[1]);
        first.GetProperty("breaker").GetString().ShouldBe("open");
        first.GetProperty("wait_seconds").GetDouble().ShouldBeInRange(3500, 3600);
        first.GetProperty("last_error").GetProperty("code").GetString().ShouldBe("provider_error");
        first.GetProperty("last_error").GetProperty("status").GetInt32().ShouldBe(500);
        second.GetProperty("breaker").GetString().ShouldBe("closed");
        second.GetProperty("latency_ms").GetDouble().ShouldBeGreaterThan(0);
        second.GetProperty("in_flight").GetInt32().ShouldBe(0);
        second.GetProperty("keys")[0].GetProperty("state").GetString().ShouldBe("ready");
        (await Gateway.Logs.FirstAsync(log => log.Message.StartsWith("Target first/gpt-4o is left alone", StringComparison.Ordinal))).Message.ShouldContain("provider_error");
    }

    [Fact]
    public async Task StreamThatShowsATargetIsBack_LetsOthersInWithItsFirstContent()
    {
        using var gate = new Gate();
        Gateway.With("Gateway:Routing:Breaker:MinimumCalls", "1").With("Gateway:Routing:Breaker:Cooldown", "1s");
        using (var failed = await Gateway.CompleteAsync(Request(false, "first/gpt-4o")))
        {
            failed.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        }

        First.Handler = FakeOpenAI.Handler(_ => Answer, "sk-first");
        First.Enqueue(FakeReply.Sse(FakeOpenAI.Chunks(Answer).Take(2), done: false).ThenWaitFor(gate.Opened));
        HttpResponseMessage? probe = null;
        await Conditions.HoldsAsync(async () =>
        {
            probe?.Dispose();
            probe = await Gateway.CompleteAsync(Request(true, "first/gpt-4o"), stream: true);
            return probe.StatusCode == HttpStatusCode.OK;
        });

        using var meanwhile = await Gateway.CompleteAsync(Request(false, "first/gpt-4o"));

        meanwhile.StatusCode.ShouldBe(HttpStatusCode.OK);
        probe!.Dispose();
    }

    [Fact]
    public async Task CallersShortDeadlines_OpenNoBreaker()
    {
        Gateway.With("Gateway:Routing:Breaker:MinimumCalls", "1");
        First.Handler = FakeOpenAI.Handler(_ => Answer, "sk-first");
        First.Enqueue(FakeReply.Silence());
        using (var late = await AskAsync(false, ("X-LlmOps-Timeout", "0.05")))
        {
            late.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        }

        using var response = await AskAsync(streaming: false);

        Header(response, "X-LlmOps-Provider").ShouldBe("first");
    }

    [Fact]
    public async Task TargetThatIsLeftAlone_IsNotHiddenByOneThatCannotSayIt()
    {
        Gateway.With("Gateway:Routing:Breaker:MinimumCalls", "1").With("Gateway:Routing:Breaker:Cooldown", "1h").With("Gateway:Providers:second:Type", "anthropic");
        const string TwoChoices = "{\"model\":\"chain\",\"n\":2,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
        using (var failed = await Gateway.CompleteAsync(TwoChoices))
        {
            failed.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        }

        using var response = await Gateway.CompleteAsync(TwoChoices);

        (await CodeAsync(response)).ShouldBe("no_target_available");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task MoreCallsThanATargetTakes_GoToTheNext(bool streaming)
    {
        using var gate = new Gate();
        Gateway.With("Gateway:Models:chain:Targets:0:MaxConcurrency", "1");
        First.Handler = request => FakeOpenAI.Handler(_ => Answer, "sk-first")(request).AfterWaitingFor(gate.Opened);
        var held = AskAsync(streaming);
        await First.NextRequestAsync();

        using var second = await AskAsync(streaming);
        gate.Open();
        using var first = await held;

        (Header(first, "X-LlmOps-Provider"), Header(second, "X-LlmOps-Provider")).ShouldBe(("first", "second"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task MoreCallsThanTheOnlyTargetTakes_WaitInABoundedQueue(bool streaming)
    {
        using var gate = new Gate();
        Gateway.With("Gateway:Models:only:Targets:0:Provider", "first").With("Gateway:Models:only:Targets:0:Model", "gpt-4o")
            .With("Gateway:Models:only:Targets:0:MaxConcurrency", "1").With("Gateway:Models:only:Targets:0:QueueLimit", "1");
        First.Handler = request => FakeOpenAI.Handler(_ => Answer, "sk-first")(request).AfterWaitingFor(gate.Opened);
        var held = Gateway.CompleteAsync(Request(streaming, "only"), streaming);
        await First.NextRequestAsync();

        // One of these two waits, the other finds the queue full.
        var others = new[] { Gateway.CompleteAsync(Request(streaming, "only"), streaming), Gateway.CompleteAsync(Request(streaming, "only"), streaming) };
        using var refused = await await Task.WhenAny(others);
        gate.Open();
        var answered = new List<HttpResponseMessage>();
        foreach (var answer in others.Append(held))
        {
            answered.Add(await answer);
            await answered[^1].Content.ReadAsStringAsync();
        }

        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await CodeAsync(refused)).ShouldBe("no_target_available");
        answered.Count(response => response.StatusCode == HttpStatusCode.OK).ShouldBe(2);
        First.Requests.Count.ShouldBe(2);
    }
}
