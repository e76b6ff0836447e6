using System.Globalization;
using System.Net;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Routing;

/// <summary>A second target is asked where the first is late: one answer comes out, and nothing is left behind.</summary>
public sealed class HedgingTests : TwoTargetTests
{
    private readonly Gate _gate = new();

    public HedgingTests()
    {
        Gateway.With("Gateway:Models:chain:Hedging:Mode", "Delay").With("Gateway:Models:chain:Hedging:Delay", "10ms");
        First.Handler = _ => FakeReply.Silence();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LateTarget_LosesToTheNext_AndItsCallEnds(bool streaming)
    {
        using var response = await AskAsync(streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).ShouldContain(streaming ? "[DONE]" : "Hello");
        Header(response, "X-LlmOps-Provider").ShouldBe("second");
        Header(response, "X-LlmOps-Attempts").ShouldBe("2");
        await (await First.NextRequestAsync()).ConnectionClosed.WithinDeadlineAsync("the loser's connection to be closed");
        (await Gateway.Logs.RequestAsync()).State["Provider"].ShouldBe("second");
        CallsInFlight.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LateTargetThatIsStillTheQuicker_Wins_AndTheHedgeEnds(bool streaming)
    {
        First.Handler = Late(FakeOpenAI.Handler(_ => Answer, "sk-first"));
        Second.Handler = _ => FakeReply.Silence();

        var asked = AskAsync(streaming);
        var hedge = await Second.NextRequestAsync();
        _gate.Open();
        using var response = await asked;

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).ShouldContain(streaming ? "[DONE]" : "Hello");
        Header(response, "X-LlmOps-Provider").ShouldBe("first");
        Header(response, "X-LlmOps-Attempts").ShouldBe("2");
        await hedge.ConnectionClosed.WithinDeadlineAsync("the hedge's connection to be closed");
        (await Gateway.Logs.RequestAsync()).State["Provider"].ShouldBe("first");
        CallsInFlight.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TargetInTime_IsTheOnlyOneCalled(bool streaming)
    {
        Gateway.With("Gateway:Models:chain:Hedging:Delay", "1h");
        First.Handler = FakeOpenAI.Handler(_ => Answer, "sk-first");

        using var response = await AskAsync(streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Attempts").ShouldBe("1");
        Second.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TargetThatFailsBeforeItIsLate_IsStoodInFor(bool streaming)
    {
        Gateway.With("Gateway:Models:chain:Hedging:Delay", "1h");
        First.Handler = _ => FakeOpenAI.Error(500, "down");

        using var response = await AskAsync(streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Provider").ShouldBe("second");
        (First.Requests.Count, Second.Requests.Count).ShouldBe((1, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TargetThatFailsBesideItsHedge_IsStoodInForByIt(bool streaming)
    {
        using var answers = new Gate();
        var second = Second.Handler;
        First.Handler = Late(_ => FakeOpenAI.Error(503, "busy"));
        Second.Handler = request => second(request).AfterWaitingFor(answers.Opened);

        var asked = AskAsync(streaming);
        await Second.NextRequestAsync();
        _gate.Open();
        await Conditions.HoldsAsync(() => Task.FromResult(CallsInFlight == 1));
        answers.Open();
        using var response = await asked;

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Provider").ShouldBe("second");
        (First.Requests.Count, Second.Requests.Count).ShouldBe((1, 1));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task WhereBothFail_TheLastFailureIsTold(bool streaming, bool hedgeLast)
    {
        using var hedgeFails = new Gate();
        First.Handler = Late(_ => FakeOpenAI.Error(500, "down"));
        Second.Handler = _ => FakeOpenAI.Error(503, "busy").AfterWaitingFor(hedgeFails.Opened);

        var asked = AskAsync(streaming);
        await Second.NextRequestAsync();
        (hedgeLast ? _gate : hedgeFails).Open();
        await Conditions.HoldsAsync(() => Task.FromResult(CallsInFlight == 1));
        (hedgeLast ? hedgeFails : _gate).Open();
        using var response = await asked;

        (await CodeAsync(response)).ShouldBe(hedgeLast ? "provider_overloaded" : "provider_error");
        Header(response, "X-LlmOps-Provider").ShouldBe(hedgeLast ? "second" : "first");
        Header(response, "X-LlmOps-Attempts").ShouldBe("2");
        CallsInFlight.ShouldBe(0);
    }

    [Theory]
    [InlineData(true, 400)]
    [InlineData(false, 400)]
    [InlineData(true, 429)]
    [InlineData(false, 429)]
    public async Task HedgeThatIsRefused_LeavesTheFirstToAnswer(bool streaming, int status)
    {
        First.Handler = Late(FakeOpenAI.Handler(_ => Answer, "sk-first"));
        Second.Handler = _ => FakeOpenAI.Error(status, "no", "messages");

        var asked = AskAsync(streaming);
        await Second.NextRequestAsync();
        await Conditions.HoldsAsync(() => Task.FromResult(CallsInFlight == 1));
        _gate.Open();
        using var response = await asked;

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Provider").ShouldBe("first");
        (await response.Content.ReadAsStringAsync()).ShouldContain(streaming ? "[DONE]" : "Hello");
        Second.Requests.Count.ShouldBe(1);
        CallsInFlight.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhereTheHedgeFailsToo_AThirdTargetIsAsked(bool streaming)
    {
        Gateway.With("Gateway:Models:chain:Targets:2:Provider", "second").With("Gateway:Models:chain:Targets:2:Model", "gpt-4.1");
        var second = Second.Handler;
        Second.Handler = request => request.BodyText.Contains("gpt-4.1", StringComparison.Ordinal) ? second(request) : FakeOpenAI.Error(500, "down");

        using var response = await AskAsync(streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Model").ShouldBe("gpt-4.1");
        Header(response, "X-LlmOps-Attempts").ShouldBe("3");
        CallsInFlight.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LosersPlaceAmongTheTargetsCalls_IsGivenBack(bool streaming)
    {
        Gateway.With("Gateway:Models:chain:Targets:0:MaxConcurrency", "1").With("Gateway:Models:chain:Targets:0:QueueLimit", "0");
        for (var count = 0; count < 3; count++)
        {
            using var response = await AskAsync(streaming);
            Header(response, "X-LlmOps-Attempts").ShouldBe("2");
            await response.Content.ReadAsByteArrayAsync();
        }

        First.Requests.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FaultOfTheRequest_EndsBothCalls(bool streaming)
    {
        First.Handler = Late(_ => FakeOpenAI.Error(400, "no such thing", "messages"));
        Second.Handler = _ => FakeReply.Silence();

        var asked = AskAsync(streaming);
        var hedge = await Second.NextRequestAsync();
        _gate.Open();
        using var response = await asked;

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Header(response, "X-LlmOps-Provider").ShouldBe("first");
        await hedge.ConnectionClosed.WithinDeadlineAsync("the hedge's connection to be closed");
        CallsInFlight.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CallerWhoLeaves_EndsBothCalls(bool streaming)
    {
        Second.Handler = _ => FakeReply.Silence();
        using var caller = new CancellationTokenSource();
        var answer = Gateway.CompleteAsync(Request(streaming), streaming, caller.Token);
        var (first, hedge) = (await First.NextRequestAsync(), await Second.NextRequestAsync());

        await caller.CancelAsync();

        await first.ConnectionClosed.WithinDeadlineAsync("the first connection to be closed");
        await hedge.ConnectionClosed.WithinDeadlineAsync("the hedge's connection to be closed");
        await Should.ThrowAsync<OperationCanceledException>(() => answer);
        (await Gateway.Logs.RequestAsync()).State["Outcome"].ShouldBe("client_closed_request");
        CallsInFlight.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TargetThatLosesToItsHedges_CountsAsSlow(bool streaming)
    {
        Gateway.With("Gateway:Routing:Breaker:MinimumCalls", "2").With("Gateway:Routing:Breaker:Cooldown", "1h");
        for (var count = 0; count < 2; count++)
        {
            using var late = await AskAsync(streaming);
            Header(late, "X-LlmOps-Attempts").ShouldBe("2");
        }

        using var response = await AskAsync(streaming);

        Header(response, "X-LlmOps-Attempts").ShouldBe("1");
        Header(response, "X-LlmOps-Provider").ShouldBe("second");
        First.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Hedges_AreBoundedLikeRetries()
    {
        Gateway.With("Gateway:Routing:Breaker:MinimumCalls", "1000");
        for (var count = 0; count < 11; count++)
        {
            // Ten at once, and a tenth of each request.
            using var hedged = await AskAsync(streaming: false);
            Header(hedged, "X-LlmOps-Attempts").ShouldBe("2");
        }

        using var response = await AskAsync(streaming: false, ("X-LlmOps-Timeout", "0.3"));

        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        Header(response, "X-LlmOps-Attempts").ShouldBe("1");
        Second.Requests.Count.ShouldBe(11);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task P95_HedgesWhereTheTargetIsSlowerThanItWas(bool streaming)
    {
        Gateway.With("Gateway:Models:chain:Hedging:Mode", "P95").With("Gateway:Models:chain:Hedging:Delay", "1h");
        First.Handler = FakeOpenAI.Handler(_ => Answer, "sk-first");
        for (var count = 0; count < 20; count++)
        {
            using var quick = await AskAsync(streaming);
            Header(quick, "X-LlmOps-Provider").ShouldBe("first");
            await quick.Content.ReadAsByteArrayAsync();
        }

        First.Handler = _ => FakeReply.Silence();
        using var response = await AskAsync(streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Provider").ShouldBe("second");
        Second.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LosersCost_IsPaid(bool streaming)
    {
        // Of OpenAI's models, prices are known. What the loser has counted is not: its input is estimated, and of an answer that is no stream what may have been written.
        Provider("openai", "openai", new Uri(First.BaseAddress, "v1"), "sk-first");
        Gateway.With("Gateway:Models:chain:Targets:0:Provider", "openai").With("Gateway:Models:chain:Targets:1:Provider", "openai");
        First.Handler = request => request.BodyText.Contains("\"gpt-4o\"", StringComparison.Ordinal)
            ? FakeReply.Silence()
            : FakeOpenAI.Handler(_ => Answer with { Usage = new FakeUsage(1000, 100) }, "sk-first")(request);

        using var response = await AskAsync(streaming);
        await response.Content.ReadAsByteArrayAsync();

        const decimal Winner = ((1000 * 0.15m) + (100 * 0.60m)) / 1_000_000;
        var input = (Request(streaming).Length + 3) / 4 * 2.50m / 1_000_000;
        var line = (await Gateway.Logs.RequestAsync()).State;
        var cost = Convert.ToDecimal(line["CostUsd"], CultureInfo.InvariantCulture);
        line["CostEstimated"].ShouldBe(true);
        if (streaming)
        {
            cost.ShouldBe(Winner + input);
        }
        else
        {
            cost.ShouldBeGreaterThan(Winner + input);
            decimal.Parse(Header(response, "X-LlmOps-Cost-USD"), CultureInfo.InvariantCulture).ShouldBe(cost);
            Header(response, "X-LlmOps-Cost-Estimated").ShouldBe("true");
        }
    }

    private Func<ReceivedRequest, FakeReply> Late(Func<ReceivedRequest, FakeReply> handler) => request => handler(request).AfterWaitingFor(_gate.Opened);
}
