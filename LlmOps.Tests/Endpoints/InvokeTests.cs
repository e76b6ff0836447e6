using System.Net;
using System.Text.Json;
using LlmOps.Tests.Access.Users;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Endpoints;

/// <summary>POST /invoke: its fields in, its fields out.</summary>
public sealed class InvokeTests : GatewayTests
{
    private const string Asked = """{"request_id":"r-1","user_prompt":"Hi"}""";

    public InvokeTests() => Fake.Handler = FakeOpenAI.Handler(FakeAnswer.Text("Hello", " there") with { Usage = new FakeUsage(7, 2) });

    [Fact]
    public async Task Answer_HasEveryPromisedField()
    {
        using var response = await Gateway.PostAsync("/invoke", """{"request_id":"550e8400-e29b-41d4-a716-446655440000","user_prompt":"Explain quantum computing","model":"gpt-4o-mini","temperature":0.2,"max_tokens":500}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var reply = await response.JsonAsync();
        reply.EnumerateObject().Select(field => field.Name).ShouldBe(["success", "request_id", "data", "usage", "performance", "model", "cached", "timestamp", "error"]);
        reply.GetProperty("success").GetBoolean().ShouldBeTrue();
        reply.GetProperty("request_id").GetString().ShouldBe("550e8400-e29b-41d4-a716-446655440000");
        reply.GetProperty("data").GetRawText().ShouldBe("""{"response":"Hello there","confidence":null}""");
        reply.GetProperty("usage").GetRawText().ShouldBe("""{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}""");
        reply.GetProperty("model").GetString().ShouldBe("gpt-4o-mini");
        reply.GetProperty("cached").GetBoolean().ShouldBeFalse();
        reply.GetProperty("timestamp").GetString()!.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$");
        reply.GetProperty("error").ValueKind.ShouldBe(JsonValueKind.Null);
        var performance = reply.GetProperty("performance");
        performance.EnumerateObject().Select(field => field.Name).ShouldBe(["request_latency_ms", "llm_latency_ms", "cache_hit", "retry_count", "rate_limited"]);
        performance.GetProperty("llm_latency_ms").GetDouble().ShouldBeInRange(0.001, performance.GetProperty("request_latency_ms").GetDouble());
        (performance.GetProperty("cache_hit").GetBoolean(), performance.GetProperty("retry_count").GetInt32(), performance.GetProperty("rate_limited").GetBoolean()).ShouldBe((false, 0, false));
    }

    [Fact]
    public async Task Conversation_IsSentInItsOrder()
    {
        using var response = await Gateway.PostAsync(
            "/invoke",
            """
            {"request_id":"r-1","user_prompt":"And then?","system_prompt":"Be brief","messages":[
              {"type":"system","content":"We speak English."},{"type":"human","content":"What time is it?"},{"type":"tool","content":"12:00"},{"type":"ai","content":"Noon."}]}
            """);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var sent = (await Fake.NextRequestAsync()).Json;
        sent.GetProperty("messages").GetRawText().ShouldBe(
            """[{"role":"system","content":"Be brief"},{"role":"system","content":"We speak English."},{"role":"user","content":"What time is it?"},{"role":"user","content":"Result of a tool:\n12:00"},{"role":"assistant","content":"Noon."},{"role":"user","content":"And then?"}]""");
    }

    [Fact]
    public async Task WithoutParameters_HasDefaultsOfItsOwnThatCanBeSet()
    {
        await using var configured = new GatewayApplication().WithOpenAI(Fake)
            .With("Gateway:Endpoints:DefaultTemperature", "0.2").With("Gateway:Endpoints:DefaultMaxTokens", "33");

        using var standard = await Gateway.PostAsync("/invoke", Asked);
        using var changed = await configured.PostAsync("/invoke", Asked);

        var first = (await Fake.NextRequestAsync()).Json;
        (first.GetProperty("model").GetString(), first.GetProperty("temperature").GetDouble(), first.GetProperty("max_tokens").GetInt32()).ShouldBe(("gpt-4o-mini", 0.7, 1000));
        var second = (await Fake.NextRequestAsync()).Json;
        (second.GetProperty("temperature").GetDouble(), second.GetProperty("max_tokens").GetInt32()).ShouldBe((0.2, 33));
    }

    [Fact]
    public async Task TokensWithProbabilities_GiveTheirMeanAlsoFromTheCache()
    {
        Fake.Handler = FakeOpenAI.Handler(FakeAnswer.Of(new FakeChoice { Content = ["Hel", "lo"], Logprobs = [new("Hel", Math.Log(0.9)), new("lo", Math.Log(0.5))] }));

        using var response = await Gateway.PostAsync("/invoke", Asked);
        using var again = await Gateway.PostAsync("/invoke", Asked.Replace("r-1", "r-2", StringComparison.Ordinal));

        (await Fake.NextRequestAsync()).Json.GetProperty("logprobs").GetBoolean().ShouldBeTrue();
        (await response.JsonAsync()).GetProperty("data").GetProperty("confidence").GetDouble().ShouldBe(0.7);
        var cached = await again.JsonAsync();
        cached.GetProperty("data").GetProperty("confidence").GetDouble().ShouldBe(0.7);
        cached.GetProperty("request_id").GetString().ShouldBe("r-2");
        (cached.GetProperty("cached").GetBoolean(), cached.GetProperty("performance").GetProperty("cache_hit").GetBoolean(), cached.GetProperty("performance").GetProperty("llm_latency_ms").GetDouble()).ShouldBe((true, true, 0));
        Fake.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("gpt-5")]
    [InlineData("openai/no-such-model")]
    public async Task ModelThatIsNotKnownToTellProbabilities_IsNotAskedForThem(string model)
    {
        using var response = await Gateway.PostAsync("/invoke", $$"""{"request_id":"r-1","user_prompt":"Hi","model":"{{model}}"}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Fake.NextRequestAsync()).Json.TryGetProperty("logprobs", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(429, true)]
    [InlineData(500, false)]
    public async Task Retries_AreCountedAndTold(int status, bool isLimited)
    {
        Gateway.With("Gateway:Routing:MaxAttempts", "3").With("Gateway:Routing:TriesPerTarget", "2").With("Gateway:Routing:Backoff", "1ms").With("Gateway:Routing:MaxBackoff", "1ms");
        var answers = 0;
        var answer = Fake.Handler;
        Fake.Handler = request => Interlocked.Increment(ref answers) == 1 ? FakeOpenAI.Error(status, "not now") : answer(request);

        using var response = await Gateway.PostAsync("/invoke", Asked);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var performance = (await response.JsonAsync()).GetProperty("performance");
        (performance.GetProperty("retry_count").GetInt32(), performance.GetProperty("rate_limited").GetBoolean()).ShouldBe((1, isLimited));
    }

    [Theory]
    [InlineData("""{"user_prompt":"x"}""", "request_id", "MISSING_REQUIRED_PARAMETER")]
    [InlineData("""{"request_id":"","user_prompt":"x"}""", "request_id", "INVALID_VALUE")]
    [InlineData("""{"request_id":7,"user_prompt":"x"}""", "request_id", "INVALID_VALUE")]
    [InlineData("""{"request_id":"mine"}""", "user_prompt", "MISSING_REQUIRED_PARAMETER")]
    [InlineData("""{"request_id":"mine","user_prompt":" "}""", "user_prompt", "INVALID_VALUE")]
    [InlineData("""{"request_id":"mine","user_prompt":"x","system_prompt":1}""", "system_prompt", "INVALID_VALUE")]
    [InlineData("""{"request_id":"mine","user_prompt":"x","messages":{}}""", "messages", "INVALID_VALUE")]
    [InlineData("""{"request_id":"mine","user_prompt":"x","messages":[{"type":"robot","content":"x"}]}""", "messages[0].type", "INVALID_VALUE")]
    [InlineData("""{"request_id":"mine","user_prompt":"x","messages":[{"type":"ai"}]}""", "messages[0].content", "MISSING_REQUIRED_PARAMETER")]
    [InlineData("""{"request_id":"mine","user_prompt":"x","messages":[{"type":"ai","content":"x"},{"type":"tool","content":"x","tool_call_id":"1"}]}""", "messages[1].tool_call_id", "UNSUPPORTED_PARAMETER")]
    [InlineData("""{"request_id":"mine","user_prompt":"x","temperature":3}""", "temperature", "INVALID_VALUE")]
    [InlineData("""{"request_id":"mine","user_prompt":"x","max_tokens":0}""", "max_tokens", "INVALID_VALUE")]
    [InlineData("""{"request_id":"mine","user_prompt":"x","stream":true}""", "stream", "UNSUPPORTED_PARAMETER")]
    public async Task BadInput_IsToldWithItsFieldAndTheCallersRequestId(string body, string field, string code)
    {
        using var response = await Gateway.PostAsync("/invoke", body);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var reply = await response.JsonAsync();
        (reply.GetProperty("error").GetProperty("field").GetString(), reply.GetProperty("error").GetProperty("error_code").GetString()).ShouldBe((field, code));
        reply.GetProperty("request_id").GetString().ShouldBe(field == "request_id" ? response.Headers.GetValues("X-Request-ID").Single() : "mine");
        Fake.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(256, HttpStatusCode.OK)]
    [InlineData(257, HttpStatusCode.BadRequest)]
    public async Task RequestId_IsAtMost256Characters(int length, HttpStatusCode expected)
    {
        using var response = await Gateway.PostAsync("/invoke", $$"""{"request_id":"{{new string('a', length)}}","user_prompt":"x"}""");

        response.StatusCode.ShouldBe(expected);
    }

    [Fact]
    public async Task FailureOfTheProvider_IsToldUnderTheCallersRequestId()
    {
        Fake.Handler = _ => FakeOpenAI.Error(500, "no worker");

        using var response = await Gateway.PostAsync("/invoke", Asked);

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        var reply = await response.JsonAsync();
        (reply.GetProperty("success").GetBoolean(), reply.GetProperty("request_id").GetString()).ShouldBe((false, "r-1"));
    }

    [Fact]
    public async Task SameRequestId_IsAnsweredOnce_AndSaysThatItIsGivenAgain()
    {
        using var first = await Gateway.PostAsync("/invoke", """{"request_id":"r-1","user_prompt":"Hi","openai_api_key":"sk-one-0123456789abcdef01"}""");
        using var again = await Gateway.PostAsync("/invoke", """{"openai_api_key":"sk-two-0123456789abcdef01","request_id":"r-1","user_prompt":"Hi"}""");
        using var other = await Gateway.PostAsync("/invoke", """{"request_id":"r-1","user_prompt":"Hello"}""");

        var (one, two) = (await first.JsonAsync(), await again.JsonAsync());
        (one.GetProperty("cached").GetBoolean(), two.GetProperty("cached").GetBoolean()).ShouldBe((false, true));
        two.GetProperty("data").GetRawText().ShouldBe(one.GetProperty("data").GetRawText());
        again.Headers.GetValues("Idempotent-Replayed").ShouldBe(["true"]);
        other.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var refused = await other.JsonAsync();
        (refused.GetProperty("request_id").GetString(), refused.GetProperty("error").GetProperty("error_code").GetString()).ShouldBe(("r-1", "IDEMPOTENCY_KEY_REUSED"));
        Fake.Requests.Count.ShouldBe(1);
    }
}
