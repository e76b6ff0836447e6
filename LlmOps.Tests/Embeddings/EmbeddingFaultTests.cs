using System.Net;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Embeddings;

/// <summary>What comes of a provider of embeddings that fails, refuses, or lies.</summary>
public sealed class EmbeddingFaultTests : EmbeddingTests
{
    public static TheoryData<string, int, int, string> Statuses
    {
        get
        {
            var data = new TheoryData<string, int, int, string>();
            foreach (var provider in TestedEmbedding.All)
            {
                data.Add(provider.Name, 401, 502, "provider_authentication");
                data.Add(provider.Name, 413, 413, "request_too_large");
                data.Add(provider.Name, 429, provider == TestedEmbedding.Tei ? 503 : 429, provider == TestedEmbedding.Tei ? "provider_overloaded" : "rate_limit_exceeded");
                data.Add(provider.Name, 500, 502, "provider_error");
                data.Add(provider.Name, 503, 503, "provider_overloaded");
                data.Add(provider.Name, 424, provider == TestedEmbedding.Tei ? 502 : 400, provider == TestedEmbedding.Tei ? "provider_error" : "invalid_request");
            }

            data.Add("tei", 422, 400, "invalid_request");
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Statuses))]
    public async Task ErrorStatus_IsTold(string name, int status, int told, string code)
    {
        var provider = TestedEmbedding.Named(name);
        Answer(provider, status is 401 or 413 && provider == TestedEmbedding.Tei ? FakeReply.Head(status) : provider.Error(status, "It failed"));

        using var response = await EmbedAsync(Body(provider.Model, Json("a")));

        if (told == 400 && provider == TestedEmbedding.Gemini)
        {
            // The code is Google's own word.
            response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            return;
        }

        await IsErrorAsync(response, told, code);
        Header(response, "X-LlmOps-Attempts").ShouldBe("1");
    }

    [Theory]
    [InlineData("openai")]
    [InlineData("ollama")]
    [InlineData("tei")]
    public async Task TextThatIsTooLong_IsRefusedAndNotCut(string name)
    {
        AnswerWith(Vectors with { MostWords = 3 });

        await IsErrorAsync(await EmbedAsync(Body(TestedEmbedding.Named(name).Model, Json("a", "one two three four"))), 400, "context_length_exceeded");
    }

    public static TheoryData<string, string> Lies
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var provider in TestedEmbedding.All)
            {
                foreach (var lie in (string[])["none", "one too few", "one too many", "of unequal length", "empty"])
                {
                    data.Add(provider.Name, lie);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task AnswerThatLies_IsABadResponse(string name, string lie)
    {
        AnswerWith(Vectors with
        {
            Send = vectors => lie switch
            {
                "none" => [],
                "one too few" => vectors[..^1],
                "one too many" => [.. vectors, vectors[0]],
                "of unequal length" => [.. vectors[..^1], [.. vectors[^1], 0.5f]],
                _ => [.. vectors.Select(_ => Array.Empty<float>())],
            },
        });

        await IsErrorAsync(await EmbedAsync(Body(TestedEmbedding.Named(name).Model, Json("a", "b"))), 502, "provider_bad_response");
    }

    public static TheoryData<string, string> Broken
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var provider in TestedEmbedding.All)
            {
                foreach (var vector in (string[])["[1e39,0]", "[\"1\",0]", "[null,0]", "{}", "7", "\"AAA\"", "\"AACAfw==\"", "[[1,0]]"])
                {
                    data.Add(provider.Name, vector);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task VectorThatIsNone_IsABadResponse(string name, string vector)
    {
        var provider = TestedEmbedding.Named(name);
        Answer(provider, FakeReply.Json(200, Whole(name, vector)));

        await IsErrorAsync(await EmbedAsync(Body(provider.Model, Json("a"))), 502, "provider_bad_response");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task AnswerThatIsCut_IsToldAsSuch(string name)
    {
        var provider = TestedEmbedding.Named(name);
        var whole = Whole(name, "[0.25,0.5]");
        Answer(provider, FakeReply.Head(200, ("Content-Type", "application/json")).Declare(whole.Length).Piece(whole[..^5]).ThenClose());

        await IsErrorAsync(await EmbedAsync(Body(provider.Model, Json("a"))), 502, "provider_stream_interrupted");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task AnswerThatIsNotJson_OrNotAllOfIt_OrSomethingElse_IsABadResponse(string name)
    {
        var provider = TestedEmbedding.Named(name);
        var whole = Whole(name, "[0.25,0.5]");
        foreach (var body in (string[])[whole[..^5], whole + "x", "", "<html>", "{}", "[]", "null", "7", "\"text\"", whole + whole])
        {
            Answer(provider, FakeReply.Json(200, body));
            await IsErrorAsync(await EmbedAsync(Body(provider.Model, Json("a"))), 502, "provider_bad_response");
        }

        Answer(provider, FakeReply.Text(200, "text/html", whole));
        await IsErrorAsync(await EmbedAsync(Body(provider.Model, Json("a"))), 502, "provider_bad_response");
        Answer(provider, FakeReply.Json(200, whole));
        (await EmbedAsync(Body(provider.Model, Json("a")))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task ErrorInsideA200_IsTold(string name)
    {
        var provider = TestedEmbedding.Named(name);
        Answer(provider, FakeReply.Json(200, FakeErrors.Plain("the model runner has stopped")));

        (await EmbedAsync(Body(provider.Model, Json("a")))).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("1", "2")]
    [InlineData("-1", "0")]
    public async Task IndicesThatDoNotFit_AreABadResponse(string first, string second)
    {
        Answer(TestedEmbedding.OpenAI, FakeReply.Json(200, $$"""{"data":[{"index":{{first}},"embedding":[1]},{"index":{{second}},"embedding":[2]}]}"""));

        await IsErrorAsync(await EmbedAsync(Body("text-embedding-3-small", Json("a", "b"))), 502, "provider_bad_response");
    }

    [Fact]
    public async Task FailureInTheLastBatch_IsTheFailureOfAll()
    {
        var tei = new FakeTei { ApiKey = GatewayApplication.ProviderKey, BasePath = "/tei" };
        var sent = 0;
        Fake.Handler = request => request.Path == "/tei/embed" && Interlocked.Increment(ref sent) == 3 ? FakeTei.Error(424, "Backend", "out of memory") : tei.Answer(request);

        await IsErrorAsync(await EmbedAsync(Body("tei", Json([.. Enumerable.Repeat("a", 100)]))), 502, "provider_error");

        sent.ShouldBe(3);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task CallerWhoLeaves_EndsTheCall(string name)
    {
        var provider = TestedEmbedding.Named(name);
        Answer(provider, FakeReply.Silence());
        using var caller = new CancellationTokenSource();
        var asked = EmbedAsync(Body(provider.Model, Json("a")), caller.Token);
        await Fake.WaitForAsync(() => Sent.Any());

        await caller.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => asked);
        await Sent.Single().ConnectionClosed.WithinDeadlineAsync("the upstream connection to be closed");
        (await Gateway.Logs.RequestAsync()).State["Outcome"].ShouldBe("client_closed_request");
    }

    [Fact]
    public async Task EndOfTheRequestsTime_IsA504()
    {
        Answer(TestedEmbedding.OpenAI, FakeReply.Silence());
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/embeddings") { Content = new StringContent(Body("text-embedding-3-small", Json("a")), null, "application/json") };
        request.Headers.Add("X-LlmOps-Timeout", "0.2");

        await IsErrorAsync(await Gateway.Http.SendAsync(request), 504, "deadline_exceeded");
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task TargetThatFails_IsRetried_AndThenTheNextOneAnswers(string name)
    {
        var provider = TestedEmbedding.Named(name);
        Gateway.With("Gateway:Routing:MaxAttempts", "6").With("Gateway:Routing:TriesPerTarget", "2").With("Gateway:Routing:Backoff", "1ms")
            .With("Gateway:Models:chain:Targets:0:Provider", name).With("Gateway:Models:chain:Targets:0:Model", provider.Model.Split('/')[^1])
            .With("Gateway:Models:chain:Targets:1:Provider", "offline").With("Gateway:Models:chain:Targets:1:Model", "offline-embedding");
        Answer(provider, provider.Error(503, "Down"));

        using var response = await EmbedAsync(Body("chain", Json("a")));

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        VectorsOf(await JsonAsync(response)).Single().Length.ShouldBe(256);
        Header(response, "X-LlmOps-Provider").ShouldBe("offline");
        Header(response, "X-LlmOps-Attempts").ShouldBe("3");
        Sent.Count().ShouldBe(2);
    }

    [Fact]
    public async Task LateTarget_LosesToTheNext()
    {
        Gateway.With("Gateway:Routing:MaxAttempts", "2")
            .With("Gateway:Models:chain:Targets:0:Provider", "openai").With("Gateway:Models:chain:Targets:0:Model", "text-embedding-3-small")
            .With("Gateway:Models:chain:Targets:1:Provider", "offline").With("Gateway:Models:chain:Targets:1:Model", "offline-embedding")
            .With("Gateway:Models:chain:Hedging:Mode", "Delay").With("Gateway:Models:chain:Hedging:Delay", "300ms");
        Answer(TestedEmbedding.OpenAI, FakeReply.Silence());

        using var response = await EmbedAsync(Body("chain", Json("a")));

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        Header(response, "X-LlmOps-Provider").ShouldBe("offline");
        Header(response, "X-LlmOps-Attempts").ShouldBe("2");
        await Sent.Single().ConnectionClosed.WithinDeadlineAsync("the loser's connection to be closed");
    }

    [Fact]
    public async Task KeyThatIsNotAccepted_IsSetAside_AndTheNextOneIsTaken()
    {
        Gateway.With("Gateway:Providers:openai:ApiKey", $"sk-old,{GatewayApplication.ProviderKey}").With("Gateway:Routing:MaxAttempts", "3").With("Gateway:Routing:KeyCooldown", "1h");

        for (var request = 0; request < 4; request++)
        {
            (await EmbedAsync(Body("text-embedding-3-small", Json("a")))).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        Fake.Requests.Count(request => request.Headers.Authorization == "Bearer sk-old").ShouldBe(1);
    }

    // An answer with one vector, as the provider writes it.
    private static string Whole(string name, string vector) => name switch
    {
        "openai" => $$"""{"object":"list","data":[{"object":"embedding","index":0,"embedding":{{vector}}}],"model":"m"}""",
        "gemini" => $$"""{"embeddings":[{"values":{{vector}}}]}""",
        "ollama" => $$"""{"model":"m","embeddings":[{{vector}}]}""",
        _ => $"[{vector}]",
    };
}
