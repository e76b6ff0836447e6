using System.Text.Json;

namespace LlmOps.Tests.Providers.Ollama;

/// <summary>Ollama's own parameters, and the provider's settings for them.</summary>
public sealed class OllamaSettingsTests : OllamaTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OpenAIsParameters_AreOptions(bool streaming)
    {
        var sent = await SentAsync(streaming, Hello + ""","temperature":0.3,"top_p":0.9,"top_k":40,"presence_penalty":0.5,"frequency_penalty":-0.5,"seed":9007199254740993,"max_tokens":77,"stop":["a","b"] """);

        Options(sent).ShouldBe(new Dictionary<string, string>
        {
            ["temperature"] = "0.3", ["top_p"] = "0.9", ["top_k"] = "40", ["presence_penalty"] = "0.5", ["frequency_penalty"] = "-0.5",
            ["seed"] = "9007199254740993", ["num_predict"] = "77", ["stop"] = "[\"a\",\"b\"]",
        }, ignoreOrder: true);
    }

    [Fact]
    public async Task OwnOptions_AreSentButForThoseThatOpenAIsFieldsSay()
    {
        var sent = await SentAsync(streaming: false, Hello + ""","temperature":0.3,"stop":"mine","options":{"num_ctx":8192,"temperature":1,"min_p":0.05,"stop":["theirs"]} """);

        var options = Options(sent);
        (options["num_ctx"], options["temperature"], options["min_p"]).ShouldBe(("8192", "0.3", "0.05"));
        sent.GetProperty("options").EnumerateObject().Where(field => field.Name == "stop").Select(field => field.Value.GetRawText()).ShouldBe(["[\"mine\"]"]);
    }

    [Fact]
    public async Task StopAmongOwnOptions_IsKept() =>
        Options(await SentAsync(streaming: false, Hello + ""","options":{"stop":["theirs"]} """))["stop"].ShouldBe("[\"theirs\"]");

    [Theory]
    [InlineData("10m", "\"10m\"")]
    [InlineData("-1m", "\"-1m\"")]
    [InlineData("0", "0")]
    [InlineData("-1", "-1")]
    [InlineData("300", "300")]
    public async Task KeepAliveSetting_IsSentAsOllamaReadsIt(string setting, string expected)
    {
        Gateway.With("Gateway:Providers:ollama:KeepAlive", setting);

        (await SentAsync(streaming: false)).GetProperty("keep_alive").GetRawText().ShouldBe(expected);
    }

    [Theory]
    [InlineData("\"5m\"")]
    [InlineData("0")]
    [InlineData("-1")]
    public async Task KeepAliveOfARequest_WinsOverTheSetting(string value)
    {
        Gateway.With("Gateway:Providers:ollama:KeepAlive", "24h");

        var sent = await SentAsync(streaming: true, $$"""{{Hello}},"keep_alive":{{value}} """);

        sent.EnumerateObject().Where(field => field.Name == "keep_alive").Select(field => field.Value.GetRawText()).ShouldBe([value]);
    }

    [Theory]
    [InlineData("", "16384")]
    [InlineData(",\"options\":{\"num_ctx\":2048}", "2048")]
    [InlineData(",\"options\":{\"min_p\":0.1}", "16384")]
    public async Task ContextLength_IsSentUnlessTheRequestHasOne(string members, string expected)
    {
        Gateway.With("Gateway:Providers:ollama:ContextLength", "16384");

        var sent = await SentAsync(streaming: false, Hello + members);

        sent.GetProperty("options").EnumerateObject().Where(field => field.Name == "num_ctx").Select(field => field.Value.GetRawText()).ShouldBe([expected]);
    }

    [Fact]
    public async Task WithoutASetting_NoContextLengthIsSent() => Options(await SentAsync(streaming: false)).ShouldNotContainKey("num_ctx");

    [Theory]
    [InlineData("\"reasoning_effort\":\"none\"", "false")]
    [InlineData("\"reasoning_effort\":\"low\"", "\"low\"")]
    [InlineData("\"reasoning_effort\":\"medium\"", "\"medium\"")]
    [InlineData("\"reasoning_effort\":\"high\"", "\"high\"")]
    [InlineData("\"think\":true", "true")]
    [InlineData("\"think\":false", "false")]
    [InlineData("\"think\":\"max\"", "\"max\"")]
    public async Task Thinking_IsAskedFor(string members, string expected) =>
        (await SentAsync(streaming: false, $"{Hello},{members}")).GetProperty("think").GetRawText().ShouldBe(expected);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Logprobs_AreAskedFor(bool streaming)
    {
        var sent = await SentAsync(streaming, Hello + ""","logprobs":true,"top_logprobs":3 """);

        sent.GetProperty("logprobs").GetBoolean().ShouldBeTrue();
        sent.GetProperty("top_logprobs").GetInt32().ShouldBe(3);
    }

    [Fact]
    public async Task ApiKey_IsSent()
    {
        Gateway.With("Gateway:Providers:ollama:ApiKey", GatewayApplication.ProviderKey);

        await SentAsync(streaming: false);

        Fake.Requests.Single().Headers.Authorization.ToString().ShouldBe($"Bearer {GatewayApplication.ProviderKey}");
    }

    private static Dictionary<string, string> Options(JsonElement sent) =>
        sent.GetProperty("options").EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetRawText());
}
