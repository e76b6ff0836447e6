using System.Diagnostics;
using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Endpoints;

/// <summary>What callers see beside the answers themselves.</summary>
public sealed class GatewayApiTests : GatewayTests
{
    public GatewayApiTests() => Fake.Handler = FakeOpenAI.Handler(FakeAnswer.Text("Hello", " there") with { Usage = new FakeUsage(7, 2) });

    [Fact]
    public async Task Chat_AnswersWithEveryPromisedField()
    {
        using var response = await Gateway.PostAsync("/chat", """{"prompt":"Hi","context":"We speak English.","system":"Be brief","model":"gpt-4o","temperature":0.1,"max_tokens":150}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var reply = await JsonAsync(response);
        reply.GetProperty("response").GetString().ShouldBe("Hello there");
        reply.GetProperty("model").GetString().ShouldBe("gpt-4o");
        reply.GetProperty("provider").GetString().ShouldBe("openai");
        reply.GetProperty("tokens_used").GetInt32().ShouldBe(9);
        reply.GetProperty("usage").GetRawText().ShouldBe("""{"prompt_tokens":7,"completion_tokens":2,"total_tokens":9}""");
        reply.GetProperty("cost_usd").GetDecimal().ShouldBe(0.0000375m);
        response.Headers.GetValues("X-LlmOps-Cost-USD").Single().ShouldBe("0.0000375");
        reply.GetProperty("cache_hit").GetBoolean().ShouldBeFalse();
        reply.GetProperty("cache").GetString().ShouldBe(response.Headers.GetValues("X-LlmOps-Cache").Single());
        reply.GetProperty("request_id").GetString().ShouldBe(response.Headers.GetValues("X-Request-ID").Single());
        reply.GetProperty("latency").GetDouble().ShouldBe(reply.GetProperty("processing_time_ms").GetDouble() / 1000, tolerance: 1e-9);

        var sent = (await Fake.NextRequestAsync()).Json;
        sent.GetRawText().ShouldBe("""{"model":"gpt-4o","messages":[{"role":"system","content":"Be brief"},{"role":"user","content":"Context:\nWe speak English.\n\nHi"}],"temperature":0.1,"max_tokens":150}""");
    }

    [Fact]
    public async Task Chat_HasDefaultsThatCanBeSet()
    {
        await using var configured = new GatewayApplication().WithOpenAI(Fake)
            .With("Gateway:Endpoints:DefaultTemperature", "0.2").With("Gateway:Endpoints:DefaultMaxTokens", "33");

        using var standard = await Gateway.PostAsync("/chat", """{"prompt":"Hi"}""");
        using var changed = await configured.PostAsync("/chat", """{"prompt":"Hi"}""");

        var first = (await Fake.NextRequestAsync()).Json;
        (first.GetProperty("model").GetString(), first.GetProperty("temperature").GetDouble(), first.GetProperty("max_tokens").GetInt32()).ShouldBe(("gpt-4o-mini", 0.7, 1024));
        var second = (await Fake.NextRequestAsync()).Json;
        (second.GetProperty("temperature").GetDouble(), second.GetProperty("max_tokens").GetInt32()).ShouldBe((0.2, 33));
    }

    [Fact]
    public async Task ChatStream_IsTheTextAsItComes()
    {
        using var response = await Gateway.PostAsync("/chat/stream", """{"prompt":"Hi","model":"gpt-4o"}""", stream: true);

        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; charset=utf-8");
        response.Headers.GetValues("X-LlmOps-Cache").Single().ShouldBe("miss");
        (await response.Content.ReadAsStringAsync()).ShouldBe("Hello there");
    }

    [Theory]
    [InlineData("abc-123", true)]
    [InlineData("!~", true)]
    [InlineData("has space", false)]
    [InlineData("tab\there", false)]
    public async Task RequestId_IsTheCallersIfUsable(string given, bool kept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.TryAddWithoutValidation("X-Request-ID", given);

        using var response = await Gateway.Http.SendAsync(request);

        var id = response.Headers.GetValues("X-Request-ID").Single();
        (id == given).ShouldBe(kept);
        id.ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public async Task RequestId_IsAtMost128Characters(int length, bool kept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere");
        request.Headers.Add("X-Request-ID", new string('a', length));

        using var response = await Gateway.Http.SendAsync(request);

        (response.Headers.GetValues("X-Request-ID").Single().Length == length).ShouldBe(kept);
    }

    [Fact]
    public async Task OtherOrigins_AreClosedByDefaultAndConfigurable()
    {
        await using var open = new GatewayApplication().With("Gateway:Endpoints:CorsOrigins:0", "https://app.example");

        (await PreflightAsync(Gateway, "https://app.example")).ShouldBeNull();
        (await PreflightAsync(open, "https://app.example")).ShouldBe("https://app.example");
        (await PreflightAsync(open, "https://evil.example")).ShouldBeNull();
    }

    [Fact]
    public async Task ErrorsReachOtherOriginsAsWell()
    {
        await using var open = new GatewayApplication().With("Gateway:Endpoints:CorsOrigins:0", "*");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/nowhere");
        request.Headers.Add("Origin", "https://app.example");

        using var response = await open.Http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        response.Headers.GetValues("Access-Control-Allow-Origin").Single().ShouldBe("*");
    }

    [Theory]
    [InlineData("GET", "/admin/configuration", null, 401)]
    [InlineData("GET", "/admin/configuration", "sk-wrong", 401)]
    [InlineData("GET", "/admin/configuration", GatewayApplication.AdministratorKey, 200)]
    [InlineData("GET", "/admin/anything", null, 401)]
    [InlineData("GET", "/ADMIN/configuration", null, 401)]
    [InlineData("GET", "/admin/anything", GatewayApplication.AdministratorKey, 404)]
    [InlineData("DELETE", "/cache", null, 401)]
    [InlineData("DELETE", "/cache", "sk-wrong", 401)]
    [InlineData("GET", "/v1/models", "sk-any-key-of-a-client", 200)]
    [InlineData("GET", "/v1/models", null, 200)]
    public async Task OpenMode_LetsEveryoneAskAndOnlyTheAdministratorAdminister(string method, string path, string? key, int status)
    {
        using var response = await SendAsync(Gateway, method, path, key);

        ((int)response.StatusCode).ShouldBe(status);
    }

    [Theory]
    [InlineData("GET", "/v1/models", null, 401)]
    [InlineData("GET", "/v1/models", "sk-wrong", 401)]
    [InlineData("GET", "/v1/models", GatewayApplication.AdministratorKey, 200)]
    [InlineData("POST", "/chat", null, 401)]
    [InlineData("GET", "/info", null, 401)]
    [InlineData("GET", "/nowhere", null, 401)]
    [InlineData("GET", "/health", null, 200)]
    [InlineData("GET", "/health/ready", null, 200)]
    [InlineData("GET", "/alive", null, 200)]
    [InlineData("GET", "/openapi/v1.json", null, 401)]
    [InlineData("GET", "/openapi/v1.json", GatewayApplication.AdministratorKey, 200)]
    [InlineData("GET", "/docs/index.html", null, 401)]
    [InlineData("GET", "/docs/index.html", GatewayApplication.AdministratorKey, 200)]
    public async Task RequiredMode_WantsACredentialEverywhereButHealth(string method, string path, string? key, int status)
    {
        Gateway.With("Gateway:Access:Mode", "Required");

        using var response = await SendAsync(Gateway, method, path, key);

        ((int)response.StatusCode).ShouldBe(status);
        if (status == 401)
        {
            response.Headers.WwwAuthenticate.Single().Scheme.ShouldBe("Bearer");
        }
    }

    [Theory]
    [InlineData("localhost", 200)]
    [InlineData("127.0.0.1", 200)]
    [InlineData("[::1]", 200)]
    [InlineData("rebound.evil.example", 403)]
    public async Task OpenOnLoopback_AnswersOnlyUnderLoopbackNames(string host, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Host = host;

        using var response = await Gateway.Http.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(status);
    }

    [Fact]
    public async Task Offline_SaysThatItIsNoLlm()
    {
        using var completion = await Gateway.CompleteAsync("""{"model":"offline","messages":[{"role":"user","content":"What is 6 * 7?"}]}""");
        using var model = await Gateway.Http.GetAsync("/v1/models/offline");

        var answer = await JsonAsync(completion);
        answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!.ShouldContain("42");
        answer.GetProperty("system_fingerprint").GetString().ShouldBe("offline-not-an-llm");
        (await JsonAsync(model)).GetProperty("system_fingerprint").GetString().ShouldBe("offline-not-an-llm");
    }

    [Theory]
    [InlineData("/v1/models/gpt-4o", "openai", "gpt-4o")]
    [InlineData("/v1/models/openai/some-model", "openai", "some-model")]
    [InlineData("/v1/models/openai%2Fsome-model", "openai", "some-model")]
    public async Task Model_CanBeLookedUp(string path, string provider, string providerModel)
    {
        using var response = await Gateway.Http.GetAsync(path);

        var model = await JsonAsync(response);
        model.GetProperty("object").GetString().ShouldBe("model");
        (model.GetProperty("owned_by").GetString(), model.GetProperty("provider_model").GetString()).ShouldBe((provider, providerModel));
    }

    [Fact]
    public async Task Info_TellsTheDefaultModel()
    {
        var info = await JsonAsync(await Gateway.Http.GetAsync("/info"));

        (info.GetProperty("provider").GetString(), info.GetProperty("model").GetString()).ShouldBe(("openai", "gpt-4o-mini"));
        info.GetProperty("mlflow_enabled").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task OpenApiDocument_DescribesEveryEndpoint()
    {
        var paths = (await JsonAsync(await Gateway.Http.GetAsync("/openapi/v1.json"))).GetProperty("paths").EnumerateObject().Select(path => path.Name);

        paths.ShouldBe(
            ["/v1/chat/completions", "/v1/embeddings", "/v1/models", "/v1/models/{id}", "/chat", "/chat/stream", "/llm/generate", "/invoke", "/cache", "/cache/stats", "/info", "/health", "/system/health", "/system/security-metrics", "/health/ready", "/alive", "/admin/configuration", "/admin/models", "/admin/tools", "/admin/usage", "/admin/traces", "/admin/traces/{id}", "/stats", "/metrics",
             "/admin/keys", "/admin/keys/{id}", "/admin/keys/{id}/rotate", "/admin/tenants", "/admin/tenants/{name}", "/admin/teams", "/admin/teams/{name}", "/admin/users", "/admin/users/{username}",
             "/summarize", "/summarize/stream", "/prompts", "/prompts/{name}", "/prompts/{name}/run", "/prompts/{name}/render", "/feedback",
             "/admin/prompts", "/admin/prompts/reload", "/admin/prompts/{name}/labels/{label}", "/admin/prompts/{name}/labels/{label}/rollback", "/admin/prompts/{name}/history",
             "/admin/experiments", "/admin/experiments/{name}", "/admin/experiments/{name}/decide", "/admin/evaluations", "/admin/evaluations/{id}",
             "/auth/login", "/auth/refresh", "/auth/logout", "/auth/verify"], ignoreOrder: true);
    }

    [Fact]
    public async Task Provider_GetsNoBaggageOfOurCallers()
    {
        // As where traces are exported; without, requests have no trace.
        using var tracing = new ActivityListener { ShouldListenTo = source => source.Name == "Microsoft.AspNetCore", Sample = (ref _) => ActivitySamplingResult.AllData };
        ActivitySource.AddActivityListener(tracing);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Request(streaming: false), null, "application/json") };
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        request.Headers.Add("tracestate", "vendor=secret");
        request.Headers.Add("baggage", "user.email=ann@corp.example");

        using var response = await Gateway.Http.SendAsync(request);

        var headers = (await Fake.NextRequestAsync()).Headers;
        headers["traceparent"].ToString().ShouldStartWith("00-0af7651916cd43dd8448eb211c80319c-");
        headers.Keys.ShouldNotContain("baggage");
        headers.Keys.ShouldNotContain("tracestate");
        headers["User-Agent"].ToString().ShouldStartWith("LlmOps/");
    }

    [Fact]
    public async Task RequestLine_HasTheFactsAndNotTheContent()
    {
        using var response = await Gateway.CompleteAsync("""{"model":"gpt-4o","temperature":0.5,"max_tokens":9,"messages":[{"role":"user","content":"my deepest secret"}]}""");

        var line = await Gateway.Logs.RequestAsync();
        var state = line.State;
        (state["Outcome"], state["Model"], state["Provider"], state["Endpoint"]).ShouldBe(("ok", "gpt-4o", "openai", "/v1/chat/completions"));
        (state["InputTokens"], state["OutputTokens"], state["FinishReason"], state["Attempts"]).ShouldBe((7L, 2L, "stop", 1));
        (state["Temperature"], state["MaxTokens"], state["Tenant"]).ShouldBe((0.5f, 9, "default"));
        (state["ResponseModel"], state["ProviderRequestId"]).ShouldBe(("gpt-4o-mini-2024-07-18", "req_1_1"));
        state["RequestId"].ShouldBe(response.Headers.GetValues("X-Request-ID").Single());
        Gateway.Logs.Requests.Count().ShouldBe(1);
        Gateway.Logs.All.ShouldAllBe(log => !log.Message.Contains("deepest") && !log.Message.Contains("Hello there"));
    }

    private static async Task<HttpResponseMessage> SendAsync(GatewayApplication gateway, string method, string path, string? key)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = key is null ? null : new("Bearer", key);
        return await gateway.Http.SendAsync(request);
    }

    private static async Task<string?> PreflightAsync(GatewayApplication gateway, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/chat/completions");
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        using var response = await gateway.Http.SendAsync(request);
        return response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => JsonElement.Parse(await response.Content.ReadAsStringAsync());
}
