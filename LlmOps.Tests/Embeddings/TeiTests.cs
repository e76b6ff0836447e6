using System.Net;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.Tei;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Embeddings;

/// <summary>What is special at Text Embeddings Inference: what it says of itself, its key, its errors.</summary>
public sealed class TeiTests : EmbeddingTests
{
    private readonly FakeTei _tei = new() { ApiKey = GatewayApplication.ProviderKey, BasePath = "/tei" };

    public TeiTests() => Fake.Handler = _tei.Answer;

    private int Infos => Fake.Requests.Count(request => request.Path == "/tei/info");

    [Fact]
    public async Task Info_IsAskedOnce_AndAgainAfterAFailure()
    {
        await OkAsync("a");
        await OkAsync("b");
        Infos.ShouldBe(1);

        Fake.Enqueue(FakeTei.Error(503, "Unhealthy", "starting"));
        await IsErrorAsync(await EmbedAsync(Body("tei", Json("c"))), 503, "provider_overloaded");
        await OkAsync("d");
        await OkAsync("e");

        Infos.ShouldBe(2);
    }

    [Fact]
    public async Task ServerThatWasStartedAnewWithSmallerBatches_IsUnderstoodAtTheNextRequest()
    {
        string[] texts = [.. Enumerable.Range(0, 20).Select(number => $"t{number}")];
        await OkAsync(texts);
        _tei.MaxBatch = 4;

        await IsErrorAsync(await EmbedAsync(Body("tei", Json(texts))), 502, "provider_error");
        await OkAsync(texts);

        Sent.Count().ShouldBe(1 + 1 + 5);
    }

    [Fact]
    public async Task Info_IsAskedAgainAfterAMinute()
    {
        var time = new ManualTime();
        using var transport = new ProviderTransport(TimeProvider.System);
        var keys = new ProviderKeys(new Secret(GatewayApplication.ProviderKey), time);
        using var generator = new ProviderEmbeddingGenerator("tei", new TeiEmbeddings("tei", new Uri(Fake.BaseAddress, "tei/"), keys, transport, time), transport);

        (await ModelAsync(generator)).ShouldBe("BAAI/bge-small-en-v1.5@5c38ec7c405ec4b44b94cc5a9bb96e735b38267a");
        (_tei.ModelId, _tei.ModelSha) = ("/data/model", null);
        time.Advance(TimeSpan.FromSeconds(59));
        (await ModelAsync(generator)).ShouldBe("BAAI/bge-small-en-v1.5@5c38ec7c405ec4b44b94cc5a9bb96e735b38267a");
        time.Advance(TimeSpan.FromSeconds(2));
        (await ModelAsync(generator)).ShouldBe("/data/model");
    }

    [Fact]
    public async Task WrongKey_IsTheOperatorsToMend()
    {
        Gateway.With("Gateway:Embeddings:ApiKey", "wrong");

        await IsErrorAsync(await EmbedAsync(Body("tei", Json("a"))), 502, "provider_authentication");
    }

    [Fact]
    public async Task FlatErrors_AreUnderstoodToo()
    {
        await OkAsync("a");
        Fake.Enqueue(FakeTei.FlatError(422, "Validation", "`inputs` must have less than 512 tokens. Given: 600"));
        await IsErrorAsync(await EmbedAsync(Body("tei", Json("b"))), 400, "context_length_exceeded");
        await OkAsync("a");
        Fake.Enqueue(FakeTei.FlatError(429, "Overloaded", "Model is overloaded"));
        await IsErrorAsync(await EmbedAsync(Body("tei", Json("b"))), 503, "provider_overloaded");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("not json")]
    public async Task SomethingElseAtTheAddress_IsABadResponse(string info)
    {
        Fake.Enqueue(FakeReply.Json(200, info));

        await IsErrorAsync(await EmbedAsync(Body("tei", Json("a"))), 502, "provider_bad_response");
    }

    [Fact]
    public async Task ServersOfOnesOwn_AreProvidersOfTheType()
    {
        Gateway.With("Gateway:Providers:other:Type", "tei").With("Gateway:Providers:other:BaseUrl", new Uri(Fake.BaseAddress, "tei").ToString()).With("Gateway:Providers:other:ApiKey", GatewayApplication.ProviderKey);

        using var response = await EmbedAsync(Body("other/whatever", Json("a")));

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(response, "X-LlmOps-Provider").ShouldBe("other");
    }

    private static async Task<string?> ModelAsync(ProviderEmbeddingGenerator generator)
    {
        var request = FakeRequests.Bare();
        return (await generator.GenerateAsync(["a"], new GatewayEmbeddingOptions { Request = request, InputCount = 1, Attempt = FakeRequests.Attempt(request) }))[0].ModelId;
    }

    private async Task OkAsync(params string[] texts)
    {
        using var response = await EmbedAsync(Body("tei", Json(texts)));
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        VectorsOf(await JsonAsync(response)).ShouldBe(texts.Select(text => Vectors.Of(text)));
    }
}
