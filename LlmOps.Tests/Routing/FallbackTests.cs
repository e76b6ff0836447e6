using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Routing;

/// <summary>Which targets are called when one fails, how often, and what the caller gets; over real sockets.</summary>
public sealed class FallbackTests : IAsyncLifetime
{
    private static readonly FakeAnswer Answer = FakeAnswer.Text("Hel", "lo");

    private readonly FakeServer _first = new();
    private readonly FakeServer _second = new();
    private readonly GatewayApplication _gateway = new();

    public FallbackTests()
    {
        _first.Handler = _ => FakeOpenAI.Error(500, "down");
        _second.Handler = FakeOpenAI.Handler(_ => Answer, "sk-second");
        _gateway
            .With("Gateway:Routing:MaxAttempts", "6")
            .With("Gateway:Routing:TriesPerTarget", "1")
            .With("Gateway:Routing:Backoff", "1ms")
            .With("Gateway:Routing:KeyCooldown", "1h")
            .With("Gateway:Models:chain:Targets:0:Provider", "first")
            .With("Gateway:Models:chain:Targets:0:Model", "gpt-4o")
            .With("Gateway:Models:chain:Targets:1:Provider", "second")
            .With("Gateway:Models:chain:Targets:1:Model", "gpt-4o-mini");
        Provider("first", _first);
        Provider("second", _second);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TargetThatFails_IsStoodInForByTheNext(bool streaming)
    {
        using var response = await AskAsync(streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Attempts").ShouldBe("2");
        Header(response, "X-LlmOps-Provider").ShouldBe("second");
        Header(response, "X-LlmOps-Model").ShouldBe("gpt-4o-mini");
        (await response.Content.ReadAsStringAsync()).ShouldContain(streaming ? "[DONE]" : "Hello");
        (_first.Requests.Count, _second.Requests.Count).ShouldBe((1, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PassingFailure_IsTriedAgainAtTheSameTarget(bool streaming)
    {
        _gateway.With("Gateway:Routing:TriesPerTarget", "3");
        _first.Handler = FakeOpenAI.Handler(_ => Answer, "sk-first");
        _first.Enqueue(FakeOpenAI.Error(503, "busy"), FakeReply.Reset());

        using var response = await AskAsync(streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Attempts").ShouldBe("3");
        Header(response, "X-LlmOps-Provider").ShouldBe("first");
        _second.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhereAllFail_TheLastFailureIsTold(bool streaming)
    {
        _second.Handler = _ => FakeOpenAI.Error(503, "busy");

        using var response = await AskAsync(streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await CodeAsync(response)).ShouldBe("provider_overloaded");
        Header(response, "X-LlmOps-Attempts").ShouldBe("2");
        Header(response, "X-LlmOps-Provider").ShouldBe("second");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FaultOfTheRequest_IsTheCallersAtOnce(bool streaming)
    {
        _first.Handler = _ => FakeOpenAI.Error(400, "no such thing", "messages");

        using var response = await AskAsync(streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        _second.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AttemptsOfARequest_AreBounded(bool streaming)
    {
        _gateway.With("Gateway:Routing:TriesPerTarget", "5").With("Gateway:Routing:MaxAttempts", "3");
        _second.Handler = _ => FakeOpenAI.Error(500, "down");

        using var response = await AskAsync(streaming);

        Header(response, "X-LlmOps-Attempts").ShouldBe("3");
        (_first.Requests.Count + _second.Requests.Count).ShouldBe(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RateLimit_RestsTheTargetForAsLongAsItAsks(bool streaming)
    {
        _gateway.With("Gateway:Routing:TriesPerTarget", "3");
        _first.Handler = _ => FakeOpenAI.Error(429, "slow down").Header("Retry-After", "600");

        using var first = await AskAsync(streaming);
        using var second = await AskAsync(streaming);

        (first.StatusCode, second.StatusCode).ShouldBe((HttpStatusCode.OK, HttpStatusCode.OK));
        (Header(first, "X-LlmOps-Attempts"), Header(second, "X-LlmOps-Attempts")).ShouldBe(("2", "1"));
        _first.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task ShortRetryAfter_IsWaitedForWhereNobodyElseCanServe()
    {
        _gateway.With("Gateway:Routing:TriesPerTarget", "3");
        _first.Handler = FakeOpenAI.Handler(_ => Answer, "sk-first");
        _first.Enqueue(FakeOpenAI.Error(429, "slow down").Header("retry-after-ms", "30"));

        using var response = await _gateway.CompleteAsync(Request(false, "first/gpt-4o"));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Attempts").ShouldBe("2");
    }

    [Fact]
    public async Task LongRetryAfter_IsToldAtOnce()
    {
        _gateway.With("Gateway:Routing:TriesPerTarget", "3");
        _first.Handler = _ => FakeOpenAI.Error(429, "slow down").Header("Retry-After", "600");

        using var limited = await _gateway.CompleteAsync(Request(false, "first/gpt-4o"));
        using var resting = await _gateway.CompleteAsync(Request(false, "first/gpt-4o"));

        limited.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        resting.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await CodeAsync(resting)).ShouldBe("no_target_available");
        resting.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(500, 600);
        _first.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task KeyThatIsNotAccepted_IsSetAsideAndAnotherTaken()
    {
        _gateway.With("Gateway:Providers:first:ApiKey", "sk-bad, sk-good");
        _first.Handler = FakeOpenAI.Handler(_ => Answer, "sk-good");

        for (var request = 0; request < 4; request++)
        {
            using var response = await _gateway.CompleteAsync(Request(false, "first/gpt-4o"));
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        _first.Requests.Count(request => request.Headers["Authorization"].ToString().EndsWith("sk-bad", StringComparison.Ordinal)).ShouldBe(1);
        _second.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task OpenBreaker_SendsTheVeryNextRequestElsewhere_AndAllOpenIs503WithRetryAfter()
    {
        _gateway.With("Gateway:Routing:Breaker:MinimumCalls", "2").With("Gateway:Routing:Breaker:Cooldown", "1h");
        for (var request = 0; request < 4; request++)
        {
            using var response = await AskAsync(streaming: false);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        _first.Requests.Count.ShouldBe(2);

        using var refused = await _gateway.CompleteAsync(Request(false, "first/gpt-4o"));
        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await CodeAsync(refused)).ShouldBe("no_target_available");
        refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(3000, 3600);
        _first.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Timeout_HoldsOverAllAttempts(bool streaming)
    {
        _first.Handler = _ => FakeReply.Silence();

        using var response = await AskAsync(streaming, ("X-LlmOps-Timeout", "0.2"));

        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        (await CodeAsync(response)).ShouldBe("deadline_exceeded");
        _second.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("soon")]
    [InlineData("1e3")]
    public async Task WrongTimeout_IsNamed(string value)
    {
        using var response = await AskAsync(false, ("X-LlmOps-Timeout", value));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
        error.GetProperty("param").GetString().ShouldBe("X-LlmOps-Timeout");
        _first.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task StreamThatBreaksAfterItsFirstContent_NeverFailsOver()
    {
        using var gate = new Gate();
        _first.Handler = _ => FakeReply.Sse(FakeOpenAI.Chunks(Answer).Take(2), done: false).ThenWaitFor(gate.Opened).ThenReset();

        using var response = await AskAsync(streaming: true);
        gate.Open();

        var stream = await SseText.ReadAsync(response);
        stream.Done.ShouldBeFalse();
        stream.Error.ShouldNotBeNull();
        _second.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task StreamThatBreaksBeforeItsFirstContent_FailsOver()
    {
        _first.Handler = _ => FakeReply.Sse(FakeOpenAI.Chunks(Answer).Take(1), done: false).ThenReset();

        using var response = await AskAsync(streaming: true);

        (await SseText.ReadAsync(response)).Text.ShouldBe("Hello");
        Header(response, "X-LlmOps-Attempts").ShouldBe("2");
    }

    [Fact]
    public async Task PromptThatIsTooLong_GoesToALargerWindowOnly()
    {
        // gpt-4o-mini has gpt-4o's window; gemini's is larger.
        _first.Handler = _ => FakeOpenAI.Error(400, "too long", code: "context_length_exceeded");
        _gateway.With("Gateway:Models:long:Targets:0:Provider", "openai").With("Gateway:Models:long:Targets:0:Model", "gpt-4o")
            .With("Gateway:Models:long:Targets:1:Provider", "second").With("Gateway:Models:long:Targets:1:Model", "unknown-window");
        _gateway.WithOpenAI(_first);

        using var response = await _gateway.CompleteAsync(Request(false, "long"));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await CodeAsync(response)).ShouldBe("context_length_exceeded");
        _second.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CallerWhoLeft_StartsNoFurtherAttempt(bool streaming)
    {
        _first.Handler = _ => FakeReply.Silence();
        using var caller = new CancellationTokenSource();
        var answer = _gateway.CompleteAsync(Request(streaming, "chain"), streaming, caller.Token);
        var received = await _first.NextRequestAsync();

        await caller.CancelAsync();

        await received.ConnectionClosed.WithinDeadlineAsync("the upstream connection to be closed");
        await Should.ThrowAsync<OperationCanceledException>(() => answer);
        (await _gateway.Logs.RequestAsync()).State["Outcome"].ShouldBe("client_closed_request");
        _second.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task AdminModels_ShowsHowTargetsFare()
    {
        _gateway.With("Gateway:Routing:Breaker:MinimumCalls", "1").With("Gateway:Routing:Breaker:Cooldown", "1h");
        using (await AskAsync(streaming: false))
        {
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/models");
        request.Headers.Authorization = new("Bearer", GatewayApplication.AdministratorKey);
        using var response = await _gateway.Http.SendAsync(request);

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
        (await _gateway.Logs.FirstAsync(log => log.Message.StartsWith("Target first/gpt-4o is left alone", StringComparison.Ordinal))).Message.ShouldContain("provider_error");
    }

    [Fact]
    public async Task StreamThatShowsATargetIsBack_ClosesItsBreakerWithItsFirstContent()
    {
        using var gate = new Gate();
        _gateway.With("Gateway:Routing:Breaker:MinimumCalls", "1").With("Gateway:Routing:Breaker:Cooldown", "10ms");
        using (var failed = await _gateway.CompleteAsync(Request(false, "first/gpt-4o")))
        {
            failed.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        }

        _first.Handler = FakeOpenAI.Handler(_ => Answer, "sk-first");
        _first.Enqueue(FakeReply.Sse(FakeOpenAI.Chunks(Answer).Take(2), done: false).ThenWaitFor(gate.Opened));
        HttpResponseMessage? probe = null;
        await Conditions.HoldsAsync(async () =>
        {
            probe?.Dispose();
            probe = await _gateway.CompleteAsync(Request(true, "first/gpt-4o"), stream: true);
            return probe.StatusCode == HttpStatusCode.OK;
        });

        using var meanwhile = await _gateway.CompleteAsync(Request(false, "first/gpt-4o"));

        meanwhile.StatusCode.ShouldBe(HttpStatusCode.OK);
        probe!.Dispose();
    }

    [Fact]
    public async Task KeyOverItsRateWithoutAHint_IsFollowedByAnotherOne()
    {
        _gateway.With("Gateway:Providers:first:ApiKey", "sk-busy,sk-free").With("Gateway:Routing:TriesPerTarget", "3");
        _first.Handler = request => request.Headers["Authorization"].ToString().EndsWith("sk-busy", StringComparison.Ordinal)
            ? FakeOpenAI.Error(429, "slow down")
            : FakeOpenAI.Handler(_ => Answer)(request);
        for (var request = 0; request < 4; request++)
        {
            using var response = await _gateway.CompleteAsync(Request(false, "first/gpt-4o"));

            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            int.Parse(Header(response, "X-LlmOps-Attempts"), System.Globalization.CultureInfo.InvariantCulture).ShouldBeLessThanOrEqualTo(2);
        }
    }

    [Fact]
    public async Task ManyBadKeys_LeaveAttemptsForTheNextTarget()
    {
        _gateway.With("Gateway:Providers:first:ApiKey", "sk-1,sk-2,sk-3,sk-4,sk-5,sk-6,sk-7,sk-8").With("Gateway:Routing:TriesPerTarget", "3");
        _first.Handler = _ => FakeOpenAI.Error(401, "no");

        using var response = await AskAsync(streaming: false);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Attempts").ShouldBe("6");
        Header(response, "X-LlmOps-Provider").ShouldBe("second");
    }

    [Fact]
    public async Task StandInWithoutTheModel_DoesNotHideWhyOneWasNeeded()
    {
        _first.Handler = _ => FakeOpenAI.Error(503, "busy");
        _second.Handler = _ => FakeOpenAI.Error(404, "no such model", code: "model_not_found");

        using var response = await AskAsync(streaming: false);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await CodeAsync(response)).ShouldBe("provider_overloaded");
    }

    [Fact]
    public async Task TargetThatIsLeftAlone_IsNotHiddenByOneThatCannotSayIt()
    {
        _gateway.With("Gateway:Routing:Breaker:MinimumCalls", "1").With("Gateway:Routing:Breaker:Cooldown", "1h").With("Gateway:Providers:second:Type", "anthropic");
        const string TwoChoices = "{\"model\":\"chain\",\"n\":2,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
        using (var failed = await _gateway.CompleteAsync(TwoChoices))
        {
            failed.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        }

        using var response = await _gateway.CompleteAsync(TwoChoices);

        (await CodeAsync(response)).ShouldBe("no_target_available");
    }

    [Fact]
    public async Task Keys_AreUsedInTurn()
    {
        _gateway.With("Gateway:Providers:second:ApiKey", "sk-1,sk-2, sk-3");
        _second.Handler = FakeOpenAI.Handler(_ => Answer);
        for (var request = 0; request < 6; request++)
        {
            using var response = await _gateway.CompleteAsync(Request(false, "second/gpt-4o"));
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        _second.Requests.CountBy(request => request.Headers["Authorization"].ToString()).Select(key => key.Value).ShouldBe([2, 2, 2]);
    }

    [Fact]
    public async Task CallersShortDeadlines_OpenNoBreaker()
    {
        _gateway.With("Gateway:Routing:Breaker:MinimumCalls", "1");
        _first.Handler = FakeOpenAI.Handler(_ => Answer, "sk-first");
        _first.Enqueue(FakeReply.Silence());
        using (var late = await AskAsync(false, ("X-LlmOps-Timeout", "0.05")))
        {
            late.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        }

        using var response = await AskAsync(streaming: false);

        Header(response, "X-LlmOps-Provider").ShouldBe("first");
    }

    [Fact]
    public async Task SessionOfAStickyModel_StaysWhereItIs()
    {
        _gateway.With("Gateway:Models:chain:Strategy", "sticky");
        _first.Handler = FakeOpenAI.Handler(_ => Answer, "sk-first");
        var providers = new List<string>();
        for (var request = 0; request < 40; request++)
        {
            using var response = await AskAsync(false, ("X-LlmOps-Session", $"s{request % 20}"));
            providers.Add(Header(response, "X-LlmOps-Provider"));
        }

        providers[20..].ShouldBe(providers[..20]);
        providers.Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task WhatOneTargetCannotSay_IsLeftToOneThatCan()
    {
        _gateway.With("Gateway:Providers:first:Type", "anthropic");

        using var response = await _gateway.CompleteAsync("{\"model\":\"chain\",\"n\":2,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Attempts").ShouldBe("1");
        _first.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task MoreCallsThanATargetTakes_GoToTheNext(bool streaming)
    {
        using var gate = new Gate();
        _gateway.With("Gateway:Models:chain:Targets:0:MaxConcurrency", "1");
        _first.Handler = request => FakeOpenAI.Handler(_ => Answer, "sk-first")(request).AfterWaitingFor(gate.Opened);
        var held = AskAsync(streaming);
        await _first.NextRequestAsync();

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
        _gateway.With("Gateway:Models:only:Targets:0:Provider", "first").With("Gateway:Models:only:Targets:0:Model", "gpt-4o")
            .With("Gateway:Models:only:Targets:0:MaxConcurrency", "1").With("Gateway:Models:only:Targets:0:QueueLimit", "1");
        _first.Handler = request => FakeOpenAI.Handler(_ => Answer, "sk-first")(request).AfterWaitingFor(gate.Opened);
        var held = _gateway.CompleteAsync(Request(streaming, "only"), streaming);
        await _first.NextRequestAsync();

        // One of these two waits, the other finds the queue full.
        var others = new[] { _gateway.CompleteAsync(Request(streaming, "only"), streaming), _gateway.CompleteAsync(Request(streaming, "only"), streaming) };
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
        _first.Requests.Count.ShouldBe(2);
    }

    private static string Request(bool streaming, string model) =>
        $$"""{"model":"{{model}}","stream":{{(streaming ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""";

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();

    private static async Task<string?> CodeAsync(HttpResponseMessage response) =>
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("code").GetString();

    private void Provider(string name, FakeServer server) => _gateway
        .With($"Gateway:Providers:{name}:Type", "openai")
        .With($"Gateway:Providers:{name}:BaseUrl", new Uri(server.BaseAddress, "v1").ToString())
        .With($"Gateway:Providers:{name}:ApiKey", $"sk-{name}");

    private async Task<HttpResponseMessage> AskAsync(bool streaming, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent(Request(streaming, "chain"), System.Text.Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await _gateway.Http.SendAsync(request, streaming ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead);
    }
}
