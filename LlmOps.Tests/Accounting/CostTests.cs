using System.Globalization;
using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Providers;

namespace LlmOps.Tests.Accounting;

/// <summary>What an answer cost reaches the caller and the log; what has no price is told as unpriced.</summary>
public sealed class CostTests : ProviderTests
{
    [Theory]
    [InlineData("gpt-4o-mini", "0.00045")]
    [InlineData("openai/gpt-4o-2024-11-20", "0.0075")]
    [InlineData("gemini-2.5-flash", "0.00155")]
    [InlineData("claude-sonnet", "0.0105")]
    [InlineData("groq/openai/gpt-oss-120b", "0.00045")]
    [InlineData("llama3.2", "0")]
    [InlineData("offline", "0")]
    [InlineData("openai/no-such-model", "unpriced")]
    [InlineData("openrouter-fallback", "unpriced")]
    public async Task Cost_IsThatOfTheTokens(string model, string cost)
    {
        // A thousand tokens in, five hundred out; openrouter tells no cost here.
        AnswerAll(_ => FakeAnswer.Text("x") with { Usage = new FakeUsage(1000, 500) });

        using var completion = await Gateway.CompleteAsync($$"""{"model":"{{model}}","messages":[{"role":"user","content":"x"}]}""");
        using var chat = await Gateway.PostAsync("/chat", $$"""{"prompt":"x","model":"{{model}}"}""");

        completion.StatusCode.ShouldBe(HttpStatusCode.OK);
        completion.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe(cost);
        var told = JsonElement.Parse(await chat.Content.ReadAsStringAsync()).GetProperty("cost_usd");
        chat.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe(told.ValueKind == JsonValueKind.Null ? "unpriced" : told.GetRawText());
    }

    [Fact]
    public async Task ProviderOfAVendorsProtocol_HasTheVendorsLimitsAndPrices()
    {
        AnswerAll(_ => FakeAnswer.Text("x") with { Usage = new FakeUsage(1000, 500) });
        Gateway.With("Gateway:Providers:claude-proxy:Type", "anthropic").With("Gateway:Providers:claude-proxy:BaseUrl", new Uri(Fake.BaseAddress, "v1").ToString())
            .With("Gateway:Providers:claude-proxy:ApiKey", GatewayApplication.ProviderKey);

        using var response = await Gateway.CompleteAsync("""{"model":"claude-proxy/claude-sonnet-4-6","messages":[{"role":"user","content":"x"}]}""");

        response.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe("0.0105");
        Fake.Requests.Single().Json.GetProperty("max_tokens").GetInt32().ShouldBe(64_000);
    }

    [Fact]
    public async Task CostOfAStream_IsInTheLog()
    {
        AnswerAll(_ => FakeAnswer.Text("x") with { Usage = new FakeUsage(1000, 500) });

        using var response = await Gateway.CompleteAsync("""{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"x"}]}""", stream: true);
        await SseText.ReadAsync(response);

        response.Headers.Contains("X-LlmOps-Cost-USD").ShouldBeFalse();
        (await Gateway.Logs.RequestAsync()).State["CostUsd"].ShouldBe(0.00045m);
    }

    [Fact]
    public async Task CachedTokens_HaveTheirOwnPrice()
    {
        AnswerAll(_ => FakeAnswer.Text("x") with { Usage = new FakeUsage(1000, 0, CachedTokens: 600) });

        using var response = await Gateway.CompleteAsync("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}]}""");

        response.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe("0.00175");
    }

    [Theory]
    [InlineData("priority", "0.002125")]
    [InlineData("flex", "unpriced")]
    public async Task OtherServiceTier_HasItsOwnPriceOrNone(string tier, string cost)
    {
        AnswerAll(_ => FakeAnswer.Text("x") with { Usage = new FakeUsage(100, 100), ServiceTier = tier });

        using var response = await Gateway.CompleteAsync("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}]}""");

        response.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe(cost);
    }

    [Theory]
    [InlineData("gpt-4o", true)]
    [InlineData("gpt-4o", false)]
    [InlineData("openai/no-such-model", true)]
    [InlineData("openai/no-such-model", false)]
    public async Task AnswerWithoutUsage_IsEstimatedFromItsText_WhereThereIsAPrice(string model, bool streaming)
    {
        AnswerAll(_ => FakeAnswer.Text("twelve", " bytes") with { Usage = null });
        var body = $$"""{"model":"{{model}}","stream":{{(streaming ? "true" : "false")}},"messages":[{"role":"user","content":"x"}]}""";

        using var response = await Gateway.CompleteAsync(body);

        var line = (await Gateway.Logs.RequestAsync()).State;
        var cost = model == "gpt-4o" ? ((Tokens(body.Length) * 2.50m) + (3 * 10.00m)) / 1_000_000 : (decimal?)null;
        line["CostUsd"].ShouldBe(cost);
        line["CostEstimated"].ShouldBe(cost is null ? null : true);
        line["OutputTokens"].ShouldBeNull();
        if (!streaming)
        {
            response.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe(cost?.ToString(CultureInfo.InvariantCulture) ?? "unpriced");
            response.Headers.Contains("X-LlmOps-Cost-Estimated").ShouldBe(cost is not null);
        }
    }

    [Fact]
    public async Task UsageOfZero_IsBelieved()
    {
        AnswerAll(_ => FakeAnswer.Text("x") with { Usage = new FakeUsage(0, 0) });

        using var response = await Gateway.CompleteAsync("""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}]}""");

        response.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe("0");
        response.Headers.Contains("X-LlmOps-Cost-Estimated").ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RefusalOfTheProvider_CostsNothing(bool streaming)
    {
        AnswerAll(_ => FakeAnswer.Text("x"));
        Fake.Handler = _ => FakeOpenAI.Error(500, "down");

        using var response = await Gateway.CompleteAsync($$"""{"model":"gpt-4o","stream":{{(streaming ? "true" : "false")}},"messages":[{"role":"user","content":"x"}]}""");

        (await Gateway.Logs.RequestAsync()).State["CostUsd"].ShouldBe(0m);
    }

    [Fact]
    public async Task StreamThatBreaksOff_CostsItsInputAndWhatWasSeen()
    {
        AnswerAll(_ => FakeAnswer.Text("x"));
        Fake.Handler = _ => FakeReply.Sse(FakeOpenAI.Chunks(FakeAnswer.Text("eight by", "tes or 16", "never")).Take(3), done: false);
        const string Body = """{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"x"}]}""";

        using var response = await Gateway.CompleteAsync(Body, stream: true);
        (await SseText.ReadAsync(response)).Done.ShouldBeFalse();

        var line = (await Gateway.Logs.RequestAsync()).State;
        var output = Tokens("eight bytes or 16".Length);
        line["CostUsd"].ShouldBe(((Tokens(Body.Length) * 2.50m) + (output * 10.00m)) / 1_000_000);
        line["CostEstimated"].ShouldBe(true);
    }

    [Fact]
    public async Task AnswerThatNobodyWaitedFor_CostsItsInputAndWhatMayHaveBeenWrittenMeanwhile()
    {
        AnswerAll(_ => FakeAnswer.Text("x"));
        Fake.Handler = _ => FakeReply.Silence();
        Gateway.With("Gateway:Routing:TotalTimeout", "300ms");
        const string Body = """{"model":"gpt-4o","max_tokens":20,"messages":[{"role":"user","content":"x"}]}""";

        using var response = await Gateway.CompleteAsync(Body);

        // In 0.3 s sixty tokens could have been written, but only twenty were asked for.
        response.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        (await Gateway.Logs.RequestAsync()).State["CostUsd"].ShouldBe(((Tokens(Body.Length) * 2.50m) + (20 * 10.00m)) / 1_000_000);
    }

    [Fact]
    public async Task ModelList_ShowsPriceLimitsAndFeatures()
    {
        AnswerAll(_ => FakeAnswer.Text("x"));
        var models = JsonElement.Parse(await Gateway.Http.GetStringAsync("/v1/models")).GetProperty("data").EnumerateArray().ToDictionary(model => model.GetProperty("id").GetString()!);

        foreach (var name in (string[])["gpt-4o-mini", "gpt-4o", "gemini-2.5-flash", "gemini-2.5-pro", "claude-sonnet", "llama3.2", "groq-kimi-primary", "gpt-4o-primary", "gemini-secondary", "openrouter-fallback", "offline"])
        {
            models.ShouldContainKey(name);
            models[name].GetProperty("use_case").GetString().ShouldNotBeNullOrEmpty(name);
        }

        var flash = models["gemini-2.5-flash"];
        flash.GetProperty("provider").GetString().ShouldBe("gemini");
        flash.GetProperty("context_window").GetInt32().ShouldBe(1_048_576);
        flash.GetProperty("max_output_tokens").GetInt32().ShouldBe(65_536);
        flash.GetProperty("features").EnumerateArray().Select(feature => feature.GetString()).ShouldContain("web_search");
        flash.GetProperty("pricing").GetString().ShouldBe("listed");
        flash.GetProperty("price").GetProperty("input").GetDecimal().ShouldBe(0.30m);
        flash.GetProperty("price").GetProperty("as_of").GetString().ShouldNotBeNullOrEmpty();
        models["llama3.2"].GetProperty("pricing").GetString().ShouldBe("free");
        models["offline"].GetProperty("pricing").GetString().ShouldBe("free");
        models["openrouter-fallback"].GetProperty("pricing").GetString().ShouldBe("reported");
        models["openrouter-fallback"].GetProperty("price").ValueKind.ShouldBe(JsonValueKind.Null);
        var unknown = JsonElement.Parse(await Gateway.Http.GetStringAsync("/v1/models/openai/no-such-model"));
        unknown.GetProperty("pricing").GetString().ShouldBe("unpriced");
    }

    [Theory]
    [InlineData("anthropic/claude-sonnet-5-5", false)]
    [InlineData("claude-sonnet", true)]
    [InlineData("openai/o3", false)]
    public async Task DefaultTemperature_IsNotSentToModelsThatTakeNone(string model, bool sent)
    {
        AnswerAll(_ => FakeAnswer.Text("x"));

        using var response = await Gateway.PostAsync("/chat", $$"""{"prompt":"x","model":"{{model}}"}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        Fake.Requests.Single().BodyText.Contains("temperature", StringComparison.Ordinal).ShouldBe(sent);
    }

    private static long Tokens(int bytes) => (bytes + 3) / 4;
}
