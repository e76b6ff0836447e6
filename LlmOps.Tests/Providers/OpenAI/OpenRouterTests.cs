using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.OpenAI;

/// <summary>Where OpenRouter differs from OpenAI.</summary>
public sealed class OpenRouterTests : ProviderTests
{
    private static readonly TestedProvider OpenRouter = TestedProvider.OpenRouter;

    public static TheoryData<string, string> Costs => new()
    {
        { """{"cost":0.00014}""", "0.00014" },
        { """{"cost":1.4e-7}""", "0.00000014" },
        { """{"cost":0,"is_byok":false}""", "0" },
        { """{"cost":0.0001,"is_byok":true,"cost_details":{"upstream_inference_cost":0.0123}}""", "0.0124" },
        { """{"cost":0.0001,"is_byok":true,"cost_details":{"upstream_inference_cost":null}}""", "0.0001" },
        { """{"cost":0.0001,"is_byok":false,"cost_details":{"upstream_inference_cost":0.0123}}""", "0.0001" },
        { """{"cost":null}""", "unpriced" },
        { """{"cost":-1}""", "unpriced" },
        { """{}""", "unpriced" },
    };

    [Theory]
    [MemberData(nameof(Costs))]
    public async Task CostThatIsTold_IsTheCost(string usage, string expected)
    {
        var answer = FakeAnswer.Text("Hi") with { Usage = new FakeUsage(1000, 1000) { Extra = usage } };
        AnswerAll(_ => answer);

        using var completion = await AskAsync(streaming: false);
        using var reply = await Gateway.PostAsync("/chat", $$"""{"prompt":"Hi","model":"{{OpenRouter.Model}}"}""");

        completion.StatusCode.ShouldBe(HttpStatusCode.OK);
        completion.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe(expected);
        var cost = JsonElement.Parse(await reply.Content.ReadAsStringAsync()).GetProperty("cost_usd");
        (cost.ValueKind == JsonValueKind.Null ? "unpriced" : cost.GetDecimal().ToString("0.#########", System.Globalization.CultureInfo.InvariantCulture)).ShouldBe(expected);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task CostThatIsTold_WinsOverAnyPrice(bool streaming)
    {
        // gpt-4o-mini at OpenAI has a listed price; its address is one that tells costs.
        var answer = FakeAnswer.Text("Hi") with { Usage = new FakeUsage(1000, 1000) { Extra = """{"cost":0.5}""" } };
        AnswerAll(_ => answer);

        using var response = await Gateway.CompleteAsync(Body(TestedProvider.OpenAI, streaming), streaming);

        await CompletionSeen.ReadAsync(response, streaming);
        (await Gateway.Logs.RequestAsync()).State["CostUsd"].ShouldBe(0.5m);
    }

    [Fact]
    public async Task StreamedCost_IsAccountedThoughNobodyAskedForUsage()
    {
        Fake.Enqueue(FakeOpenAI.StreamReply(FakeAnswer.Text("Hi") with { Usage = new FakeUsage(30, 5) { Extra = """{"cost":0.00042,"is_byok":false}""" } }, includeUsage: true));

        using var response = await Gateway.CompleteAsync($$"""{"model":"{{OpenRouter.Model}}","stream":true,"messages":[{"role":"user","content":"Hi"}]}""", stream: true);

        (await SseText.ReadAsync(response)).Done.ShouldBeTrue();
        Fake.Requests.Single().Json.TryGetProperty("stream_options", out _).ShouldBeFalse();
        var line = await Gateway.Logs.RequestAsync();
        line.State["CostUsd"].ShouldBe(0.00042m);
        (line.State["InputTokens"], line.State["OutputTokens"]).ShouldBe((30L, 5L));
    }

    [Fact]
    public async Task Comments_AreSkippedAndAreNoContent()
    {
        var chunks = FakeOpenAI.Chunks(FakeAnswer.Text("Hi", " there"));
        var reply = FakeReply.Sse().Piece(": OPENROUTER PROCESSING\n\n").Piece(": OPENROUTER PROCESSING\n\n");
        Fake.Enqueue(chunks.Aggregate(reply, (stream, chunk) => stream.Event(chunk).Piece(": OPENROUTER PROCESSING\n\n")).Done());

        using var response = await AskAsync(streaming: true);

        (await SseText.ReadAsync(response)).Text.ShouldBe("Hi there");
    }

    [Fact]
    public async Task CommentsAlone_DoNotCountAsTheFirstContent()
    {
        Gateway.With("Gateway:Routing:FirstChunkTimeout", "300ms");
        Fake.Enqueue(FakeReply.Sse().Piece(": OPENROUTER PROCESSING\n\n").Piece(": OPENROUTER PROCESSING\n\n").ThenSilence());

        using var response = await AskAsync(streaming: true);

        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        (await Gateway.Logs.RequestAsync()).State["FirstChunkMs"].ShouldBeNull();
    }

    [Theory]
    [InlineData(400, null, 400, "invalid_request")]
    [InlineData(400, """{"error_type":"context_length_exceeded"}""", 400, "context_length_exceeded")]
    [InlineData(400, """{"error_type":"invalid_prompt"}""", 400, "invalid_prompt")]
    [InlineData(401, null, 502, "provider_authentication")]
    [InlineData(402, null, 429, "insufficient_quota")]
    [InlineData(403, null, 502, "provider_authentication")]
    [InlineData(403, """{"reasons":["violence"],"flagged_input":"x","provider_name":"OpenAI"}""", 400, "content_filter")]
    [InlineData(408, null, 504, "provider_timeout")]
    [InlineData(429, null, 429, "rate_limit_exceeded")]
    [InlineData(502, """{"error_type":"provider_unavailable","provider_name":"x"}""", 502, "provider_error")]
    [InlineData(503, null, 503, "provider_overloaded")]
    [InlineData(524, null, 504, "provider_timeout")]
    [InlineData(529, null, 503, "provider_overloaded")]
    public async Task NumberedError_IsTheSameAsAStatusAndInsideAnAnswer(int code, string? metadata, int status, string seenCode)
    {
        var body = FakeErrors.OpenRouter(code, "No endpoints", metadata);
        foreach (var streaming in (bool[])[false, true])
        {
            foreach (var reply in (FakeReply[])[FakeReply.Json(code, body), FakeReply.Json(200, body), .. streaming ? [FakeReply.Sse([body], done: false)] : Array.Empty<FakeReply>()])
            {
                Fake.Enqueue(reply);

                using var response = await AskAsync(streaming);

                ((int)response.StatusCode).ShouldBe(status);
                JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("code").GetString().ShouldBe(seenCode);
            }
        }
    }

    [Theory]
    [InlineData(502, "provider_error")]
    [InlineData(429, "rate_limit_exceeded")]
    public async Task ErrorAfterContent_IsAnErrorEvent(int code, string seenCode)
    {
        using var gate = new Gate();
        var answer = FakeAnswer.Text("one ", "two");
        Fake.Enqueue(FakeReply.Sse(FakeOpenAI.Chunks(answer).Take(3), done: false).ThenWaitFor(gate.Opened).Event(FakeErrors.OpenRouterChunk(answer, code, "Provider disconnected")).Done());

        using var response = await AskAsync(streaming: true);
        gate.Open();

        var stream = await SseText.ReadAsync(response);
        (stream.Text, stream.Done, stream.Broken).ShouldBe(("one two", false, true));
        stream.Error!.Value.GetProperty("code").GetString().ShouldBe(seenCode);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task RetryAfter_ReachesTheCaller(int status)
    {
        Fake.Enqueue(FakeReply.Json(status, FakeErrors.OpenRouter(status, "Slow down"), ("Retry-After", "17")));

        using var response = await AskAsync(streaming: false);

        response.Headers.GetValues("Retry-After").Single().ShouldBe("17");
    }

    [Theory]
    [InlineData("https://app.example/chat", "https://app.example/chat")]
    [InlineData("https://größe.example/ä b", "https://xn--gre-6ka8i.example/%C3%A4%20b")]
    public async Task Attribution_IsSent(string address, string expected)
    {
        Gateway.With("Gateway:Providers:openrouter:AppUrl", address).With("Gateway:Providers:openrouter:AppTitle", "My App");
        AnswerAll(_ => FakeAnswer.Text("Hi"));

        using var response = await AskAsync(streaming: false);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Fake.Requests.Single().Headers["HTTP-Referer"].ToString().ShouldBe(expected);
        Fake.Requests.Single().Headers["X-OpenRouter-Title"].ToString().ShouldBe("My App");
    }

    [Fact]
    public async Task WithoutSettings_NoAttributionIsSent()
    {
        AnswerAll(_ => FakeAnswer.Text("Hi"));

        using var response = await AskAsync(streaming: false);

        Fake.Requests.Single().Headers.Keys.ShouldNotContain("HTTP-Referer");
        Fake.Requests.Single().Headers.Keys.ShouldNotContain("X-OpenRouter-Title");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OtherModelThatAnswered_IsInTheLogAndRoutingIsForwarded(bool streaming)
    {
        AnswerAll(_ => FakeAnswer.Of(new FakeChoice { Content = ["Hi"], Extra = """{"native_finish_reason":"STOP"}""" }) with { Model = "google/gemini-2.5-pro" });

        using var response = await Gateway.CompleteAsync(
            Body(OpenRouter, streaming, """ "messages":[{"role":"user","content":"Hi"}],"models":["a/b","c/d"],"provider":{"order":["x"]} """), streaming);

        var answer = await CompletionSeen.ReadAsync(response, streaming);
        answer.Model.ShouldBe(OpenRouter.Model);
        answer.Choice.GetProperty("native_finish_reason").GetString().ShouldBe("STOP");
        (await Gateway.Logs.RequestAsync()).State["ResponseModel"].ShouldBe("google/gemini-2.5-pro");
        Fake.Requests.Single().Json.GetProperty("models").GetArrayLength().ShouldBe(2);
        Fake.Requests.Single().Json.GetProperty("model").GetString().ShouldBe("openrouter/auto");
    }

    private Task<HttpResponseMessage> AskAsync(bool streaming) => Gateway.CompleteAsync(Body(OpenRouter, streaming), streaming);
}
