using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Routing;

/// <summary>Which targets are called when one fails, how often, and what the caller gets; over real sockets.</summary>
public sealed class FallbackTests : TwoTargetTests
{
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
        (First.Requests.Count, Second.Requests.Count).ShouldBe((1, 1));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PassingFailure_IsTriedAgainAtTheSameTarget(bool streaming)
    {
        Gateway.With("Gateway:Routing:TriesPerTarget", "3");
        First.Handler = FakeOpenAI.Handler(_ => Answer, "sk-first");
        First.Enqueue(FakeOpenAI.Error(503, "busy"), FakeReply.Reset());

        using var response = await AskAsync(streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Attempts").ShouldBe("3");
        Header(response, "X-LlmOps-Provider").ShouldBe("first");
        Second.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhereAllFail_TheLastFailureIsTold(bool streaming)
    {
        Second.Handler = _ => FakeOpenAI.Error(503, "busy");

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
        First.Handler = _ => FakeOpenAI.Error(400, "no such thing", "messages");

        using var response = await AskAsync(streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        Second.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AttemptsOfARequest_AreBounded(bool streaming)
    {
        Gateway.With("Gateway:Routing:TriesPerTarget", "5").With("Gateway:Routing:MaxAttempts", "3");
        Second.Handler = _ => FakeOpenAI.Error(500, "down");

        using var response = await AskAsync(streaming);

        Header(response, "X-LlmOps-Attempts").ShouldBe("3");
        (First.Requests.Count + Second.Requests.Count).ShouldBe(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Timeout_HoldsOverAllAttempts(bool streaming)
    {
        First.Handler = _ => FakeReply.Silence();

        using var response = await AskAsync(streaming, ("X-LlmOps-Timeout", "0.2"));

        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        (await CodeAsync(response)).ShouldBe("deadline_exceeded");
        Second.Requests.ShouldBeEmpty();
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
        First.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task StreamThatBreaksAfterItsFirstContent_NeverFailsOver()
    {
        using var gate = new Gate();
        First.Handler = _ => FakeReply.Sse(FakeOpenAI.Chunks(Answer).Take(2), done: false).ThenWaitFor(gate.Opened).ThenReset();

        using var response = await AskAsync(streaming: true);
        gate.Open();

        var stream = await SseText.ReadAsync(response);
        stream.Done.ShouldBeFalse();
        stream.Error.ShouldNotBeNull();
        Second.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task StreamThatBreaksBeforeItsFirstContent_FailsOver()
    {
        First.Handler = _ => FakeReply.Sse(FakeOpenAI.Chunks(Answer).Take(1), done: false).ThenReset();

        using var response = await AskAsync(streaming: true);

        (await SseText.ReadAsync(response)).Text.ShouldBe("Hello");
        Header(response, "X-LlmOps-Attempts").ShouldBe("2");
    }

    [Fact]
    public async Task PromptThatIsTooLong_GoesToALargerWindowOnly()
    {
        // gpt-4o-mini has gpt-4o's window; gemini's is larger.
        First.Handler = _ => FakeOpenAI.Error(400, "too long", code: "context_length_exceeded");
        Gateway.With("Gateway:Models:long:Targets:0:Provider", "openai").With("Gateway:Models:long:Targets:0:Model", "gpt-4o")
            .With("Gateway:Models:long:Targets:1:Provider", "second").With("Gateway:Models:long:Targets:1:Model", "unknown-window");
        Gateway.WithOpenAI(First);

        using var response = await Gateway.CompleteAsync(Request(false, "long"));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await CodeAsync(response)).ShouldBe("context_length_exceeded");
        Second.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task StandInWithoutTheModel_DoesNotHideWhyOneWasNeeded()
    {
        First.Handler = _ => FakeOpenAI.Error(503, "busy");
        Second.Handler = _ => FakeOpenAI.Error(404, "no such model", code: "model_not_found");

        using var response = await AskAsync(streaming: false);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await CodeAsync(response)).ShouldBe("provider_overloaded");
    }

    [Fact]
    public async Task SessionOfAStickyModel_StaysWhereItIs()
    {
        Gateway.With("Gateway:Models:chain:Strategy", "sticky");
        First.Handler = FakeOpenAI.Handler(_ => Answer, "sk-first");
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
        Gateway.With("Gateway:Providers:first:Type", "anthropic");

        using var response = await Gateway.CompleteAsync("{\"model\":\"chain\",\"n\":2,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Attempts").ShouldBe("1");
        First.Requests.ShouldBeEmpty();
    }
}
