using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.OpenAI;

/// <summary>Where Groq differs from OpenAI.</summary>
public sealed class GroqTests : ProviderTests
{
    private static readonly TestedProvider Groq = TestedProvider.Groq;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Usage_IsAccountedWhereverItStands(bool asked)
    {
        Fake.Enqueue(FakeOpenAI.StreamReply(FakeAnswer.Text("Hi") with
        {
            Usage = null,
            FinishChunkExtra = """{"x_groq":{"id":"req_1","usage":{"queue_time":0.01,"prompt_tokens":1000,"prompt_time":0.2,"completion_tokens":100,"completion_time":0.4,"total_tokens":1100,"total_time":0.6}}}""",
        }));

        using var response = await Gateway.CompleteAsync(
            $$"""{"model":"{{Groq.Model}}","stream":true,{{(asked ? "\"stream_options\":{\"include_usage\":true}," : "")}}"messages":[{"role":"user","content":"Hi"}]}""", stream: true);

        var stream = await SseText.ReadAsync(response);
        (stream.Text, stream.Done).ShouldBe(("Hi", true));
        var line = await Gateway.Logs.RequestAsync();
        (line.State["InputTokens"], line.State["OutputTokens"]).ShouldBe((1000L, 100L));
        line.State["CostUsd"].ShouldBe(0.0013m);
    }

    [Fact]
    public async Task UnstreamedUsageWithTimes_IsAccounted()
    {
        Fake.Enqueue(FakeOpenAI.Reply(FakeAnswer.Text("Hi") with { Usage = new FakeUsage(1000, 100) { Details = false, Extra = """{"queue_time":0.01,"total_time":0.6}""" } }));

        using var response = await AskAsync(streaming: false);

        response.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe("0.0013");
        (await response.Content.ReadAsStringAsync()).ShouldContain("queue_time");
    }

    [Theory]
    [InlineData(400, "tool_use_failed", 400, "tool_use_failed")]
    [InlineData(413, "rate_limit_exceeded", 413, "request_too_large")]
    [InlineData(422, null, 400, "invalid_request")]
    [InlineData(424, null, 400, "invalid_request")]
    [InlineData(429, "rate_limit_exceeded", 429, "rate_limit_exceeded")]
    [InlineData(498, "capacity_exceeded", 503, "provider_overloaded")]
    [InlineData(498, null, 503, "provider_overloaded")]
    [InlineData(499, null, 502, "provider_error")]
    [InlineData(503, null, 503, "provider_overloaded")]
    public async Task ErrorWithoutParam_IsOneOfTheDocumentedFailures(int status, string? code, int seenStatus, string seenCode)
    {
        foreach (var streaming in (bool[])[false, true])
        {
            Fake.Enqueue(FakeReply.Json(status, FakeErrors.Groq("Something about it", code: code, failedGeneration: status == 400 ? "<function=f>" : null)));

            using var response = await AskAsync(streaming);

            ((int)response.StatusCode).ShouldBe(seenStatus);
            var error = JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error");
            error.GetProperty("code").GetString().ShouldBe(seenCode);
            error.GetProperty("param").ValueKind.ShouldBe(JsonValueKind.Null);
            error.GetProperty("message").GetString()!.ShouldContain("Something about it");
        }
    }

    [Theory]
    [InlineData("0", "2m59.56s", "14370", "7.66s", "180")]
    [InlineData("14370", "2m59.56s", "0", "7.66s", "8")]
    [InlineData("0", "2m59.56s", "0", "7.66s", "180")]
    [InlineData("0", "20ms", "1", "7.66s", "1")]
    [InlineData("1", "2m59.56s", "1", "7.66s", null)]
    public async Task LimitWithNothingLeft_SaysWhenToComeBack(string requests, string requestsReset, string tokens, string tokensReset, string? seen)
    {
        Fake.Enqueue(FakeReply.Json(429, FakeErrors.Groq("Rate limit reached", code: "rate_limit_exceeded"),
            ("x-ratelimit-limit-requests", "14400"), ("x-ratelimit-remaining-requests", requests), ("x-ratelimit-reset-requests", requestsReset),
            ("x-ratelimit-limit-tokens", "18000"), ("x-ratelimit-remaining-tokens", tokens), ("x-ratelimit-reset-tokens", tokensReset)));

        using var response = await AskAsync(streaming: false);

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (response.Headers.TryGetValues("Retry-After", out var values) ? values.Single() : null).ShouldBe(seen);
    }

    [Fact]
    public async Task RetryAfter_WinsOverTheLimits()
    {
        Fake.Enqueue(FakeReply.Json(429, FakeErrors.Groq("Rate limit reached"), ("retry-after", "2"), ("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "2m59.56s")));

        using var response = await AskAsync(streaming: true);

        response.Headers.GetValues("Retry-After").Single().ShouldBe("2");
    }

    [Theory]
    [InlineData("\"over capacity\"", "over capacity")]
    [InlineData("""{"message":"over capacity","type":"internal_server_error"}""", "over capacity")]
    public async Task ErrorBesideAnAnswer_IsAFailure(string error, string words)
    {
        foreach (var streaming in (bool[])[false, true])
        {
            var answer = FakeAnswer.Text("half") with { Extra = $$"""{"x_groq":{"id":"req_1","error":{{error}} } }""" };
            Fake.Enqueue(streaming ? FakeOpenAI.StreamReply(answer) : FakeOpenAI.Reply(answer));

            using var response = await AskAsync(streaming);

            response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
            (await response.Content.ReadAsStringAsync()).ShouldContain(words);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task IdBesideAnAnswer_IsNoFailure(bool streaming)
    {
        var answer = FakeAnswer.Text("whole") with { Extra = """{"x_groq":{"id":"req_1","error":null,"seed":7}}""" };
        Fake.Enqueue(streaming ? FakeOpenAI.StreamReply(answer) : FakeOpenAI.Reply(answer));

        using var response = await AskAsync(streaming);

        (await CompletionSeen.ReadAsync(response, streaming)).Text.ShouldBe("whole");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OwnFields_AreForwardedBothWays(bool streaming)
    {
        AnswerAll(_ => FakeAnswer.Of(new FakeChoice { Reasoning = ["Hm"], Content = ["Yes"] }) with { ReasoningField = "reasoning", ServiceTier = "on_demand" });

        using var response = await Gateway.CompleteAsync(
            Body(Groq, streaming, """ "messages":[{"role":"user","content":"Hi"}],"reasoning_format":"parsed","service_tier":"performance" """), streaming);

        (await CompletionSeen.ReadAsync(response, streaming)).Message["reasoning"].GetString().ShouldBe("Hm");
        Fake.Requests.Single().Json.GetProperty("reasoning_format").GetString().ShouldBe("parsed");
        Fake.Requests.Single().Json.GetProperty("service_tier").GetString().ShouldBe("performance");
        BreaksContract = true;
    }

    private Task<HttpResponseMessage> AskAsync(bool streaming) => Gateway.CompleteAsync(Body(Groq, streaming), streaming);
}
