using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.OpenAI;

/// <summary>Every documented error shape of OpenAI and compatible servers becomes one of the documented failures, streaming or not.</summary>
public sealed class OpenAIErrorTests : GatewayTests
{
    public static TheoryData<string, int, string, string, int, string, bool> Rows
    {
        get
        {
            (string Name, int Status, string Body, string Type, int SeenStatus, string SeenCode)[] rows =
            [
                ("invalid request", 400, FakeErrors.OpenAI("Bad value", param: "temperature", code: "unsupported_value"), "application/json", 400, "unsupported_value"),
                ("invalid request without a code", 400, FakeErrors.OpenAI("Bad value"), "application/json", 400, "invalid_request"),
                ("context length", 400, FakeErrors.OpenAI("Too long", param: "messages", code: "context_length_exceeded"), "application/json", 400, "context_length_exceeded"),
                ("context length in vLLM's words", 400, FakeErrors.VLlm("This model's maximum context length is 4096 tokens."), "application/json", 400, "context_length_exceeded"),
                ("content policy", 400, FakeErrors.OpenAI("Refused", code: "content_policy_violation"), "application/json", 400, "content_filter"),
                ("wrong key", 401, FakeErrors.OpenAI($"Incorrect API key provided: {GatewayApplication.ProviderKey}.", code: "invalid_api_key"), "application/json", 502, "provider_authentication"),
                ("no credit", 402, FakeErrors.OpenRouter(402, "Insufficient credits"), "application/json", 429, "insufficient_quota"),
                ("key without permission", 403, FakeErrors.OpenAI("Not allowed"), "application/json", 502, "provider_authentication"),
                ("OpenRouter's moderation", 403, FakeErrors.OpenRouter(403, "Flagged", """{"reasons":["violence"],"flagged_input":"x"}"""), "application/json", 400, "content_filter"),
                ("unknown model", 404, FakeErrors.OpenAI("The model does not exist", code: "model_not_found"), "application/json", 404, "model_not_found"),
                ("wrong path", 404, "<html>404</html>", "text/html", 502, "provider_error"),
                ("provider's own time-out", 408, FakeErrors.OpenRouter(408, "Timed out"), "application/json", 504, "provider_timeout"),
                ("too large", 413, FakeErrors.Groq("Request too large", code: "rate_limit_exceeded"), "application/json", 413, "request_too_large"),
                ("FastAPI's validation", 422, FakeErrors.ValidationDetail("messages", "field required"), "application/json", 400, "invalid_request"),
                ("FastAPI's detail", 400, FakeErrors.Detail("No"), "application/json", 400, "invalid_request"),
                ("Groq's failed generation", 400, FakeErrors.Groq("Failed to call a function", code: "tool_use_failed", failedGeneration: "<f>"), "application/json", 400, "tool_use_failed"),
                ("rate limit", 429, FakeErrors.OpenAI("Slow down", "requests", code: "rate_limit_exceeded"), "application/json", 429, "rate_limit_exceeded"),
                ("quota", 429, FakeErrors.OpenAI("You exceeded your quota", "insufficient_quota", code: "insufficient_quota"), "application/json", 429, "insufficient_quota"),
                ("Groq's capacity", 498, FakeErrors.Groq("Flex capacity", code: "capacity_exceeded"), "application/json", 503, "provider_overloaded"),
                ("server error", 500, FakeErrors.OpenAI("The server had an error", "server_error"), "application/json", 502, "provider_error"),
                ("bad gateway with HTML", 502, "<html><h1>502 Bad Gateway</h1></html>", "text/html", 502, "provider_error"),
                ("unavailable", 503, FakeErrors.MessageAndCode("Overloaded", 503), "application/json", 503, "provider_overloaded"),
                ("gateway time-out", 504, "", "text/plain", 504, "provider_timeout"),
                ("overloaded", 529, FakeErrors.OpenRouter(529, "Overloaded"), "application/json", 503, "provider_overloaded"),
                ("redirect", 302, "", "text/plain", 502, "provider_error"),
                ("just a text", 500, FakeErrors.Plain("model runner crashed"), "application/json", 502, "provider_error"),
                ("an error in an array", 400, "[" + FakeErrors.OpenAI("Bad value") + "]", "application/json", 400, "invalid_request"),
                ("error inside 200", 200, FakeErrors.OpenRouter(502, "Provider returned error"), "application/json", 502, "provider_error"),
                ("rate limit inside 200", 200, FakeErrors.OpenRouter(429, "Slow down"), "application/json", 429, "rate_limit_exceeded"),
                ("error in words inside 200", 200, FakeErrors.OpenAI("Slow down", "rate_limit_error"), "application/json", 429, "rate_limit_exceeded"),
                ("finish reason error", 200, """{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"half"},"finish_reason":"error"}]}""", "application/json", 502, "provider_error"),
                ("error inside a choice", 200, """{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"half"},"error":{"code":429,"message":"Slow down"}}]}""", "application/json", 429, "rate_limit_exceeded"),
                ("HTML inside 200", 200, "<html>Welcome</html>", "text/html", 502, "provider_bad_response"),
                ("an empty body inside 200", 200, "", "application/json", 502, "provider_bad_response"),
                ("cut JSON inside 200", 200, """{"id":"x","choices":[{"mess""", "application/json", 502, "provider_bad_response"),
                ("no choices", 200, """{"id":"x","choices":[]}""", "application/json", 502, "provider_bad_response"),
                ("not an object", 200, "[1,2]", "application/json", 502, "provider_bad_response"),
            ];
            var data = new TheoryData<string, int, string, string, int, string, bool>();
            foreach (var row in rows)
            {
                data.Add(row.Name, row.Status, row.Body, row.Type, row.SeenStatus, row.SeenCode, false);
                data.Add(row.Name, row.Status, row.Body, row.Type, row.SeenStatus, row.SeenCode, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task ProviderError_IsOneOfTheDocumentedFailures(string name, int status, string body, string type, int seenStatus, string seenCode, bool streaming)
    {
        Fake.Enqueue(FakeReply.Text(status, type, body));

        using var response = await Gateway.CompleteAsync(Request(streaming), streaming);

        var text = await response.Content.ReadAsStringAsync();
        if (streaming && body.Contains("\"choices\":[{", StringComparison.Ordinal))
        {
            // A whole completion is no answer to a request for a stream, whatever it says.
            response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
            return;
        }

        ((int)response.StatusCode).ShouldBe(seenStatus, name + text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        var error = JsonElement.Parse(text).GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe(seenCode);
        error.GetProperty("message").GetString()!.ShouldNotBeNullOrWhiteSpace();
        text.ShouldNotContain(GatewayApplication.ProviderKey);
        text.ShouldNotContain(Fake.BaseAddress.Authority);
        Gateway.Logs.All.ShouldAllBe(log => !log.Message.Contains(GatewayApplication.ProviderKey));
        (await Gateway.Logs.RequestAsync()).State["Outcome"].ShouldNotBe("ok");
        Fake.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AnswerInAnEncodingNobodyAskedFor_IsABadResponse(bool streaming)
    {
        Fake.Enqueue(FakeReply.Text(200, streaming ? "text/event-stream" : "application/json", "\u001f", ("Content-Encoding", "gzip")));

        using var response = await Gateway.CompleteAsync(Request(streaming), streaming);

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await response.Content.ReadAsStringAsync()).ShouldContain("gzip");
    }

    [Fact]
    public async Task ErrorInsideTwoHundred_IsNotGivenAStatusItDidNotHave()
    {
        Fake.Enqueue(FakeReply.Json(200, FakeErrors.Plain("boom")));

        using var response = await Gateway.CompleteAsync(Request(streaming: false));

        (await response.Content.ReadAsStringAsync()).ShouldContain("Provider 'openai' reported an error inside its answer: boom");
    }

    [Fact]
    public async Task Redirect_IsNotFollowedAndSaysWhatToLookAt()
    {
        Fake.Enqueue(FakeReply.Text(302, "text/plain", "", ("Location", "https://elsewhere.example/")));

        using var response = await Gateway.CompleteAsync(Request(streaming: false));

        (await response.Content.ReadAsStringAsync()).ShouldContain("BaseUrl");
    }

    [Fact]
    public async Task CallersFault_KeepsTheProvidersWords()
    {
        Fake.Enqueue(FakeOpenAI.Error(400, "Unsupported value: 'x'.", "invalid_request_error", "reasoning_effort", "unsupported_value"));

        using var response = await Gateway.CompleteAsync(Request(streaming: false));

        (await response.Content.ReadAsStringAsync()).ShouldBe(
            """{"error":{"message":"Unsupported value: 'x'.","type":"invalid_request_error","param":"reasoning_effort","code":"unsupported_value"}}""");
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    [InlineData(500)]
    public async Task PromptQuotedByTheProvider_IsNotLogged(int status)
    {
        Fake.Enqueue(FakeOpenAI.Error(status, "You said: my deepest secret", "my deepest secret", "my deepest secret", GatewayApplication.ProviderKey));

        using var response = await Gateway.CompleteAsync(Request(streaming: false));

        (await Gateway.Logs.RequestAsync()).State["Outcome"].ShouldNotBe("ok");
        Gateway.Logs.All.ShouldAllBe(log => !log.Message.Contains("deepest") && !log.Message.Contains(GatewayApplication.ProviderKey));
        (await response.Content.ReadAsStringAsync()).ShouldNotContain(GatewayApplication.ProviderKey);
    }

    [Fact]
    public async Task KeyQuotedByTheProvider_IsMasked()
    {
        Fake.Enqueue(FakeOpenAI.Error(400, $"Header Bearer {GatewayApplication.ProviderKey} is strange"));

        using var response = await Gateway.CompleteAsync(Request(streaming: false));

        (await response.Content.ReadAsStringAsync()).ShouldContain("Header Bearer *** is strange");
    }

    [Theory]
    [InlineData("Retry-After", "7", "7")]
    [InlineData("retry-after-ms", "1500", "2")]
    [InlineData("Retry-After", "soon", null)]
    public async Task RetryAfter_ReachesTheCaller(string header, string value, string? seen)
    {
        Fake.Enqueue(FakeOpenAI.Error(429, "Slow down", code: "rate_limit_exceeded").Header(header, value));

        using var response = await Gateway.CompleteAsync(Request(streaming: false));

        response.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (response.Headers.TryGetValues("Retry-After", out var values) ? values.Single() : null).ShouldBe(seen);
    }

    [Fact]
    public async Task OutsideV1_ErrorsHaveOurShape()
    {
        Fake.Enqueue(FakeOpenAI.Error(500, "The server had an error", "server_error"));

        using var response = await Gateway.PostAsync("/chat", """{"prompt":"Hi","model":"gpt-4o"}""");

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        var reply = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        reply.GetProperty("success").GetBoolean().ShouldBeFalse();
        reply.GetProperty("error").GetProperty("error_code").GetString().ShouldBe("PROVIDER_ERROR");
        reply.GetProperty("error").GetProperty("details").GetProperty("provider").GetString().ShouldBe("openai");
        reply.GetProperty("error").GetProperty("details").GetProperty("provider_status").GetInt32().ShouldBe(500);
    }
}
