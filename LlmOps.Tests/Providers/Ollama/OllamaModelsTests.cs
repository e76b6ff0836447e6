using System.Net;
using System.Text.Json;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Providers.Ollama;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Ollama;

/// <summary>GET /v1/models lists what an Ollama server has pulled.</summary>
public sealed class OllamaModelsTests : OllamaTests
{
    [Fact]
    public async Task PulledModels_AreListedWithoutTheirDefaultTag()
    {
        Fake.Handler = FakeOllama.Handler(FakeAnswer.Text("Hi"), null, "llama3.2", "qwen3:8b", "hf.co/someone/model:Q4_K_M", "mistral:latest");

        var models = await ListAsync();

        models.ShouldContain("llama3.2");
        models.Where(model => model.StartsWith("ollama/", StringComparison.Ordinal)).ShouldBe(
            ["ollama/hf.co/someone/model:Q4_K_M", "ollama/mistral", "ollama/qwen3:8b"]);
        Fake.Requests.Single().Path.ShouldBe("/api/tags");
    }

    [Theory]
    [InlineData("llama3.2")]
    [InlineData("ollama/llama3.2")]
    public async Task UnpulledModel_IsNotFoundByItsName(string model)
    {
        Fake.Handler = FakeOllama.Handler(FakeAnswer.Text("Hi"), null, "qwen3:8b");

        using var unpulled = await Gateway.Http.GetAsync($"/v1/models/{model}");
        using var pulled = await Gateway.Http.GetAsync("/v1/models/ollama/qwen3:8b");

        unpulled.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await unpulled.Content.ReadAsStringAsync()).ShouldContain("ollama pull llama3.2");
        pulled.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("ollama/mistral", "mistral")]
    [InlineData("ollama/hf.co/someone/model:Q4_K_M", "hf.co/someone/model:Q4_K_M")]
    public async Task ListedModel_CanBeAsked(string model, string sent)
    {
        Fake.Handler = FakeOllama.Handler(FakeAnswer.Text("Hi"), null, sent);

        (await ListAsync()).ShouldContain(model);
        using var response = await Gateway.CompleteAsync($$"""{"model":"{{model}}",{{Hello}}}""");

        (await CompletionSeen.ReadAsync(response, streaming: false)).Text.ShouldBe("Hi");
        Fake.Requests[^1].Json.GetProperty("model").GetString().ShouldBe(sent);
    }

    [Fact]
    public async Task PredefinedModelThatIsNotPulled_IsNotListed()
    {
        Fake.Handler = FakeOllama.Handler(FakeAnswer.Text("Hi"), null, "qwen3:8b");

        var models = await ListAsync();

        models.ShouldNotContain("llama3.2");
        models.ShouldContain("gpt-4o-mini");
        models.ShouldContain("offline");
    }

    [Fact]
    public async Task OwnNameOfAModelThatIsNotPulled_IsNotListedEither()
    {
        Gateway.With("Gateway:Models:mine:Targets:0:Provider", "ollama").With("Gateway:Models:mine:Targets:0:Model", "qwen3:8b")
            .With("Gateway:Models:other:Targets:0:Provider", "ollama").With("Gateway:Models:other:Targets:0:Model", "gone");
        Fake.Handler = FakeOllama.Handler(FakeAnswer.Text("Hi"), null, "qwen3:8b");

        var models = await ListAsync();

        models.ShouldContain("mine");
        models.ShouldNotContain("other");
    }

    [Theory]
    [InlineData("refuses")]
    [InlineData("silent")]
    [InlineData("silent body")]
    [InlineData("error")]
    [InlineData("no JSON")]
    [InlineData("resets")]
    public async Task ServerThatDoesNotAnswer_LeavesTheListAsItIs(string fault)
    {
        if (fault == "refuses")
        {
            var gone = new FakeServer();
            await gone.DisposeAsync();
            Gateway.With("Gateway:Providers:ollama:BaseUrl", gone.BaseAddress.ToString());
        }

        Fake.Handler = _ => fault switch
        {
            "silent" => FakeReply.Silence(),
            "silent body" => FakeReply.Head(200, ("Content-Type", "application/json")).Declare(1000).Piece("{\"models\":[").ThenSilence(),
            "error" => FakeOllama.Error(500, "broken"),
            "resets" => FakeReply.Reset(),
            _ => FakeReply.Text(200, "text/html", "<html></html>"),
        };

        var models = await ListAsync();

        models.ShouldContain("llama3.2");
        models.ShouldNotContain(model => model.StartsWith("ollama/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task EmptyList_HasNoModelOfOllama()
    {
        Fake.Handler = _ => FakeReply.Json(200, """{"models":null}""");

        (await ListAsync()).ShouldNotContain("llama3.2");
    }

    [Fact]
    public async Task ApiKey_IsSent()
    {
        Gateway.With("Gateway:Providers:ollama:ApiKey", GatewayApplication.ProviderKey);
        Fake.Handler = FakeOllama.Handler(FakeAnswer.Text("Hi"), GatewayApplication.ProviderKey, "qwen3:8b");

        (await ListAsync()).ShouldContain("ollama/qwen3:8b");
    }

    [Fact]
    public async Task Server_IsAskedOnceInFiveSeconds()
    {
        var time = new ManualTime();
        using var transport = new ProviderTransport(time);
        var models = new OllamaModels("ollama", Fake.BaseAddress, new ProviderKeys(null, time), transport, time);
        Fake.Handler = FakeOllama.Handler(FakeAnswer.Text("Hi"), null, "one");

        (await models.ListAsync(CancellationToken.None)).ShouldBe(["one:latest"]);
        Fake.Handler = FakeOllama.Handler(FakeAnswer.Text("Hi"), null, "two");
        time.Advance(TimeSpan.FromSeconds(4.9));
        (await models.ListAsync(CancellationToken.None)).ShouldBe(["one:latest"]);
        Fake.Requests.Count.ShouldBe(1);

        time.Advance(TimeSpan.FromSeconds(0.2));
        (await models.ListAsync(CancellationToken.None)).ShouldBe(["two:latest"]);
        Fake.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task SilentServer_IsGivenUpAndNotAskedAgainAtOnce()
    {
        var time = new ManualTime();
        using var transport = new ProviderTransport(time);
        var models = new OllamaModels("ollama", Fake.BaseAddress, new ProviderKeys(null, time), transport, time);
        Fake.Handler = _ => FakeReply.Silence();

        var asked = models.ListAsync(CancellationToken.None);
        await Fake.NextRequestAsync();
        time.Advance(TimeSpan.FromSeconds(2));

        (await asked.WithinDeadlineAsync("the server to be given up")).ShouldBeNull();
        (await models.ListAsync(CancellationToken.None)).ShouldBeNull();
        Fake.Requests.Count.ShouldBe(1);
    }

    private async Task<IReadOnlyList<string>> ListAsync()
    {
        var list = JsonElement.Parse(await Gateway.Http.GetStringAsync("/v1/models"));
        return [.. list.GetProperty("data").EnumerateArray().Select(model => model.GetProperty("id").GetString()!)];
    }
}
