using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Embeddings;
using LlmOps.Gateway.Pipeline;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Embeddings;

/// <summary>The embeddings that the gateway itself needs: of length 1, told apart by who made them, and done without where they cannot be had.</summary>
public sealed class GatewayEmbeddingsTests : EmbeddingTests
{
    private const string TeiModel = "BAAI/bge-small-en-v1.5@5c38ec7c405ec4b44b94cc5a9bb96e735b38267a";

    [Fact]
    public async Task BuiltIn_AnswersAtOnce()
    {
        await using var gateway = new GatewayApplication();
        _ = gateway.Http;
        var embeddings = gateway.Services.GetRequiredService<GatewayEmbeddings>();
        var request = RequestOf(gateway);

        var asked = embeddings.EmbedAsync("Where is the library?", request, default);

        asked.IsCompletedSuccessfully.ShouldBeTrue();
        var embedding = (await asked).ShouldNotBeNull();
        embedding.Space.ShouldBe(new EmbeddingSpace("offline-embedding@1", 256));
        LengthOf(embedding).ShouldBe(1, 1e-4);
        request.Attempts.ShouldBe(0);
        request.Degraded.ShouldBeNull();
        (await HealthAsync(gateway)).ShouldNotContain("embeddings");
    }

    [Fact]
    public async Task Tei_IsToldApartByItsModelAndRevision()
    {
        var (embedding, request) = await VectorAsync("Where is the library?");

        embedding.ShouldNotBeNull().Space.ShouldBe(new EmbeddingSpace(TeiModel, 8));
        embedding.Value.Vector.ToArray().Zip(Vectors.Of("Where is the library?")).ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) < 1e-6);
        (request.Cost, request.Attempts, request.Attempt, request.Degraded).ShouldBe((new NanoUsd(0), 0, null, null));
        (await HealthAsync(Gateway)).ShouldContain("\"tei\":{\"status\":\"healthy\",\"description\":\"embeddings by tei\"}");
        Sent.Single().BodyText.ShouldBe("""{"inputs":["Where is the library?"],"normalize":true,"truncate":false}""");
    }

    [Fact]
    public async Task OtherProviders_AreToldApartByTheirNames_AndTheVectorIsBroughtToLengthOne()
    {
        Gateway.With("Gateway:Embeddings:Model", "text-embedding-3-small");
        AnswerWith(Vectors with { Send = vectors => [.. vectors.Select(vector => vector.Select(number => number * 7).ToArray())] });

        var (embedding, request) = await VectorAsync("Where is the library?");

        embedding.ShouldNotBeNull().Space.ShouldBe(new EmbeddingSpace("openai/text-embedding-3-small", 8));
        LengthOf(embedding.Value).ShouldBe(1, 1e-6);
        Sent.Single().Json.TryGetProperty("encoding_format", out _).ShouldBeFalse();
        (await HealthAsync(Gateway)).ShouldContain("\"openai\":{\"status\":\"healthy\"");
        request.Degraded.ShouldBeNull();
    }

    [Fact]
    public async Task Cost_IsTheRequests()
    {
        Gateway.With("Gateway:Embeddings:Model", "text-embedding-3-large");
        var request = RequestOf(Gateway);
        LetAnswer(request);
        var alone = request.Cost!.Value.Value;

        (await Embeddings.EmbedAsync("Where is the library?", request, default)).ShouldNotBeNull();

        request.Cost.ShouldBe(new NanoUsd(alone + 520));
        request.Attempts.ShouldBe(1);
    }

    [Fact]
    public async Task TokensThatAreNotCounted_AreEstimated()
    {
        Gateway.With("Gateway:Embeddings:Model", "gemini-embedding-001");
        AnswerWith(Vectors with { CountsTokens = false });
        var request = RequestOf(Gateway);
        LetAnswer(request);
        var alone = request.Cost!.Value.Value;

        (await Embeddings.EmbedAsync("Where is the library?", request, default)).ShouldNotBeNull();

        request.Cost!.Value.Value.ShouldBe(alone + (6 * 150));
        request.CostIsEstimated.ShouldBeTrue();
    }

    [Fact]
    public async Task OnlyTheFirstTarget_IsAsked()
    {
        Gateway.With("Gateway:Embeddings:Model", "chain").With("Gateway:Routing:MaxAttempts", "6").With("Gateway:Routing:TriesPerTarget", "1")
            .With("Gateway:Models:chain:Targets:0:Provider", "tei").With("Gateway:Models:chain:Targets:0:Model", "tei")
            .With("Gateway:Models:chain:Targets:1:Provider", "openai").With("Gateway:Models:chain:Targets:1:Model", "text-embedding-3-small");
        Answer(TestedEmbedding.Tei, FakeTei.Error(503, "Unhealthy", "starting"));

        var (embedding, request) = await VectorAsync("a");

        embedding.ShouldBeNull();
        request.Degraded.ShouldBe("tei");
        Sent.ShouldAllBe(sent => sent.Path == "/tei/embed");
    }

    [Fact]
    public async Task ServerThatIsDown_IsDoneWithout_ToldInHealth_AndLoggedOnceUntilItIsBack()
    {
        var well = Fake.Handler;
        Fake.Handler = _ => FakeReply.Reset();

        for (var number = 0; number < 3; number++)
        {
            var (embedding, request) = await VectorAsync("a");
            embedding.ShouldBeNull();
            request.Degraded.ShouldBe("tei");
        }

        (await HealthAsync(Gateway)).ShouldContain("\"tei\":{\"status\":\"degraded\",\"description\":\"the last embedding by tei failed: provider_unreachable\"}");
        Gateway.Logs.All.Count(log => log.Level == LogLevel.Warning && log.Message.Contains("no embeddings from provider tei", StringComparison.Ordinal)).ShouldBe(1);

        Fake.Handler = well;
        (await VectorAsync("a")).Embedding.ShouldNotBeNull();
        (await HealthAsync(Gateway)).ShouldContain("\"tei\":{\"status\":\"healthy\"");
        Gateway.Logs.All.Count(log => log.Message.Contains("embeddings from provider tei again", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task ServerThatIsTooSlow_IsNotWaitedForLongerThanTheTimeout_AndSoonNotAtAll()
    {
        Gateway.With("Gateway:Embeddings:Timeout", "50ms").With("Gateway:Routing:Breaker:MinimumCalls", "3").With("Gateway:Routing:Breaker:Cooldown", "1h");
        Answer(TestedEmbedding.Tei, FakeReply.Silence());

        var sent = 0;
        for (var number = 1; number <= 5; number++)
        {
            var (embedding, request) = await VectorAsync("a");
            embedding.ShouldBeNull();
            request.Degraded.ShouldBe("tei");
            sent = number <= 3 ? Fake.Requests.Count : sent;
        }

        Fake.Requests.Count.ShouldBe(sent);
        (await HealthAsync(Gateway)).ShouldContain("deadline_exceeded");

        // What is too slow for the gateway itself may be in time for others.
        AnswerWith(Vectors);
        (await EmbedAsync(Body("tei", Json("a")))).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task RequestWithLittleTimeLeft_DoesNotBlameTheServer()
    {
        Gateway.With("Gateway:Routing:Breaker:MinimumCalls", "1").With("Gateway:Routing:Breaker:Cooldown", "1h");
        Answer(TestedEmbedding.Tei, FakeReply.Silence());
        var hurried = RequestOf(Gateway);
        hurried.Timeout = TimeSpan.FromMilliseconds(50);

        (await Embeddings.EmbedAsync("a", hurried, default)).ShouldBeNull();

        hurried.Degraded.ShouldBe("tei");
        (await HealthAsync(Gateway)).ShouldContain("\"tei\":{\"status\":\"healthy\"");
        AnswerWith(Vectors);
        (await VectorAsync("a")).Embedding.ShouldNotBeNull();
    }

    [Fact]
    public async Task TextThatTheModelDoesNotTake_IsNoFailureOfTheServer()
    {
        AnswerWith(Vectors with { MostWords = 2 });

        var (embedding, request) = await VectorAsync("one two three");

        embedding.ShouldBeNull();
        request.Degraded.ShouldBeNull();
        (await HealthAsync(Gateway)).ShouldContain("\"tei\":{\"status\":\"healthy\"");
    }

    [Fact]
    public async Task VectorWithoutADirection_IsNone()
    {
        AnswerWith(Vectors with { Send = vectors => [.. vectors.Select(vector => new float[vector.Length])] });

        (await VectorAsync("a")).Embedding.ShouldBeNull();
    }

    [Fact]
    public async Task CallerWhoLeaves_IsToldSo()
    {
        Answer(TestedEmbedding.Tei, FakeReply.Silence());
        using var caller = new CancellationTokenSource();
        var asked = Embeddings.EmbedAsync("a", RequestOf(Gateway), caller.Token).AsTask();
        await Fake.WaitForAsync(() => Sent.Any());

        await caller.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => asked);
        await Sent.Single().ConnectionClosed.WithinDeadlineAsync("the upstream connection to be closed");
        (await HealthAsync(Gateway)).ShouldContain("\"tei\":{\"status\":\"healthy\"");
    }

    [Fact]
    public async Task OtherModelAtTheSameAddress_IsAnotherSpace()
    {
        var tei = new FakeTei { ApiKey = GatewayApplication.ProviderKey, BasePath = "/tei" };
        Fake.Handler = tei.Answer;
        (await VectorAsync("a")).Embedding!.Value.Space.Model.ShouldBe(TeiModel);
        Fake.Enqueue(FakeReply.Reset());
        await VectorAsync("a");
        tei.ModelSha = "0000000";

        (await VectorAsync("a")).Embedding!.Value.Space.Model.ShouldBe("BAAI/bge-small-en-v1.5@0000000");
    }

    [Theory]
    [InlineData("no-such-model", "There is no model 'no-such-model'")]
    [InlineData("text-embedding-3-small", "OPENAI_API_KEY")]
    [InlineData("offline", "makes no embeddings")]
    public void ModelThatCannotServe_IsAFault(string model, string told)
    {
        var exception = Should.Throw<ConfigurationException>(() => Configuration.ConfigurationTests.Build(("Gateway:Embeddings:Model", model)));

        exception.Faults.Single().ShouldStartWith($"Gateway:Embeddings:Model is '{model}'");
        exception.Faults.Single().ShouldContain(told);
    }

    [Fact]
    public void DefaultModelThatOnlyMakesEmbeddings_IsAFault() =>
        Should.Throw<ConfigurationException>(() => Configuration.ConfigurationTests.Build(("Gateway:DefaultModel", "offline-embedding")))
            .Faults.Single().ShouldContain("is 'offline-embedding', which only makes embeddings");

    [Theory]
    [InlineData("http://tei:3000/embed")]
    [InlineData("http://tei:3000/v1")]
    public void EndpointThatIsNotTheServersOwnAddress_IsAFault(string endpoint) =>
        Should.Throw<ConfigurationException>(() => Configuration.ConfigurationTests.Build(("Gateway:Embeddings:Endpoint", endpoint)))
            .Faults.Single().ShouldStartWith($"Gateway:Embeddings:Endpoint (TEI_URL) ends with {endpoint[endpoint.LastIndexOf('/')..]}; expected the address of the server itself");

    private GatewayEmbeddings Embeddings
    {
        get
        {
            _ = Gateway.Http;
            return Gateway.Services.GetRequiredService<GatewayEmbeddings>();
        }
    }

    private static double LengthOf(TextEmbedding embedding) => Math.Sqrt(embedding.Vector.ToArray().Sum(number => (double)number * number));

    private static async Task<string> HealthAsync(GatewayApplication gateway) => await (await gateway.Http.GetAsync("/health")).Content.ReadAsStringAsync();

    private static GatewayRequest RequestOf(GatewayApplication gateway)
    {
        _ = gateway.Http;
        var bare = FakeRequests.Bare();
        return new GatewayRequest
        {
            RequestId = bare.RequestId,
            Endpoint = bare.Endpoint,
            Family = bare.Family,
            Principal = Principal.Local,
            Configuration = gateway.Services.GetRequiredService<GatewayConfiguration>().Current,
            StartedAt = bare.StartedAt,
            Timeout = bare.Timeout,
            CallerGone = default,
            Stopping = default,
        };
    }

    private async Task<(TextEmbedding? Embedding, GatewayRequest Request)> VectorAsync(string text)
    {
        var request = RequestOf(Gateway);
        return (await Embeddings.EmbedAsync(text, request, default), request);
    }

    // As if a provider had answered it.
    private static void LetAnswer(GatewayRequest request)
    {
        using var attempt = FakeRequests.Attempt(request);
        attempt.Succeeded(new ChatResponse { Usage = new() { InputTokenCount = 7, OutputTokenCount = 2 } });
    }
}
