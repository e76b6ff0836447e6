using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.OpenAI;

/// <summary>A server of which only the address is known: vLLM, llama.cpp and others that speak OpenAI's protocol.</summary>
public sealed class CompatibleServerTests : ProviderTests
{
    public CompatibleServerTests() =>
        Gateway.With("Gateway:Providers:mine:Type", "openai").With("Gateway:Providers:mine:BaseUrl", new Uri(Fake.BaseAddress, "v1").ToString());

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Server_IsAskedWithoutAKey(bool streaming)
    {
        AnswerAll(FakeAnswer.Text("Hi"));

        using var response = await AskAsync(streaming);

        (await CompletionSeen.ReadAsync(response, streaming)).Text.ShouldBe("Hi");
        var request = Fake.Requests.Single();
        request.Headers.Authorization.Count.ShouldBe(0);
        request.Json.GetProperty("model").GetString().ShouldBe("some/model");
        request.BodyText.ShouldNotContain(GatewayApplication.ProviderKey);
        response.Headers.GetValues("X-LlmOps-Provider").Single().ShouldBe("mine");
    }

    [Fact]
    public async Task Answer_IsUnpriced()
    {
        AnswerAll(FakeAnswer.Text("Hi"));

        using var completion = await AskAsync(streaming: false);
        using var reply = await Gateway.PostAsync("/chat", """{"prompt":"Hi","model":"mine/some/model"}""");

        completion.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe("unpriced");
        JsonElement.Parse(await reply.Content.ReadAsStringAsync()).GetProperty("cost_usd").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnswerWithoutUsage_IsNotGivenAny(bool streaming)
    {
        AnswerAll(FakeAnswer.Text("Hi") with { Usage = null, SystemFingerprint = null, ServiceTier = null });

        using var response = await AskAsync(streaming);

        var answer = await CompletionSeen.ReadAsync(response, streaming);
        answer.Usage.ValueKind.ShouldNotBe(JsonValueKind.Object);
        var line = await Gateway.Logs.RequestAsync();
        (line.State["InputTokens"], line.State["OutputTokens"], line.State["CostUsd"]).ShouldBe((null, null, null));
    }

    [Fact]
    public async Task ReplyWithoutUsage_HasNoneEither()
    {
        AnswerAll(FakeAnswer.Text("Hi") with { Usage = null });

        using var response = await Gateway.PostAsync("/chat", """{"prompt":"Hi","model":"mine/some/model"}""");

        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("usage").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("reasoning_content", true)]
    [InlineData("reasoning_content", false)]
    [InlineData("reasoning", true)]
    [InlineData("reasoning", false)]
    public async Task Reasoning_IsForwarded(string field, bool streaming)
    {
        AnswerAll(FakeAnswer.Of(new FakeChoice { Reasoning = ["Hm"], Content = ["Yes"] }) with { ReasoningField = field });

        using var response = await AskAsync(streaming);

        var answer = await CompletionSeen.ReadAsync(response, streaming);
        answer.Message[field].GetString().ShouldBe("Hm");
        answer.Text.ShouldBe("Yes");
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public async Task UsageOfStreams_IsAskedForUnlessSwitchedOff(string setting, bool asked)
    {
        Gateway.With("Gateway:Providers:mine:StreamUsage", setting);
        AnswerAll(FakeAnswer.Text("Hi"));

        using var response = await Gateway.CompleteAsync("""{"model":"mine/some/model","stream":true,"messages":[{"role":"user","content":"Hi"}]}""", stream: true);

        // The chunk that only carries usage was asked for by the gateway, for itself.
        (await SseText.ReadAsync(response)).Chunks.ShouldAllBe(chunk => chunk.GetProperty("choices").GetArrayLength() == 1);
        Fake.Requests.Single().Json.TryGetProperty("stream_options", out _).ShouldBe(asked);
        (await Gateway.Logs.RequestAsync()).State["InputTokens"].ShouldBe(asked ? 19L : null);
    }

    [Fact]
    public async Task Replies_AskForMaxTokens()
    {
        AnswerAll(FakeAnswer.Text("Hi"));

        using var response = await Gateway.PostAsync("/chat", """{"prompt":"Hi","model":"mine/some/model","max_tokens":9}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Fake.Requests.Single().Json.GetProperty("max_tokens").GetInt32().ShouldBe(9);
    }

    private void AnswerAll(FakeAnswer answer) => Fake.Handler = FakeOpenAI.Handler(answer);

    private Task<HttpResponseMessage> AskAsync(bool streaming) =>
        Gateway.CompleteAsync($$"""{"model":"mine/some/model","stream":{{(streaming ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""", streaming);
}
