using System.Net;
using System.Text.Json.Nodes;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Gemini;

/// <summary>Google's errors become the documented failures, as an answer, inside a 200, or in the middle of a stream.</summary>
public sealed class GeminiErrorTests : GeminiTests
{
    private static readonly Dictionary<string, (FakeReply Reply, int Status, string Code, string? RetryAfter)> Errors = new()
    {
        ["invalid argument"] = (FakeGemini.Error(400, "Bad value", null, FakeGemini.BadRequest("contents", "Bad value")), 400, "INVALID_ARGUMENT", null),
        ["too many tokens"] = (FakeGemini.Error(400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."), 400, "context_length_exceeded", null),
        ["wrong key"] = (FakeGemini.Error(400, "Google says AIzaSecret is not valid.", null, FakeGemini.ErrorInfo("API_KEY_INVALID")), 502, "provider_authentication", null),
        ["wrong key without details"] = (FakeGemini.Error(400, "API key not valid. Google says please pass a valid API key."), 502, "provider_authentication", null),
        ["failed precondition"] = (FakeGemini.Error(400, "User location is not supported for the API use.", "FAILED_PRECONDITION"), 502, "provider_error", null),
        ["unauthenticated"] = (FakeGemini.Error(401, "Google says no"), 502, "provider_authentication", null),
        ["permission denied"] = (FakeGemini.Error(403, "Google says your project AIzaSecret is blocked"), 502, "provider_authentication", null),
        ["unknown model"] = (FakeGemini.Error(404, "models/x is not found for API version v1beta"), 404, "model_not_found", null),
        ["wrong path"] = (FakeReply.Text(404, "text/html", "<html>404</html>"), 502, "provider_error", null),
        ["rate limit"] = (FakeGemini.Error(429, "Quota", null, FakeGemini.QuotaFailure(), FakeGemini.RetryInfo("22s")), 429, "rate_limit_exceeded", "22"),
        ["rate limit with a fraction"] = (FakeGemini.Error(429, "Quota", null, FakeGemini.RetryInfo("10.689924287s")), 429, "rate_limit_exceeded", "11"),
        ["rate limit without details"] = (FakeGemini.Error(429, "Resource has been exhausted (e.g. check quota)."), 429, "rate_limit_exceeded", null),
        ["rate limit with a strange delay"] = (FakeGemini.Error(429, "Quota", null, FakeGemini.RetryInfo("soon")), 429, "rate_limit_exceeded", null),
        ["a day's quota"] = (FakeGemini.Error(429, "Quota", null, FakeGemini.QuotaFailure("GenerateRequestsPerDayPerProjectPerModel-FreeTier"), FakeGemini.RetryInfo("22s")), 429, "insufficient_quota", null),
        ["cancelled"] = (FakeGemini.Error(499, "Cancelled"), 502, "provider_error", null),
        ["internal"] = (FakeGemini.Error(500, "An internal error has occurred."), 502, "provider_error", null),
        ["bad gateway with HTML"] = (FakeReply.Text(502, "text/html", "<html><h1>502</h1></html>"), 502, "provider_error", null),
        ["overloaded"] = (FakeGemini.Error(503, "The model is overloaded."), 503, "provider_overloaded", null),
        ["deadline"] = (FakeGemini.Error(504, "Deadline expired"), 504, "provider_timeout", null),
        ["an error in an array"] = (FakeReply.Json(400, $"[{FakeErrors.Gemini(400, "Bad value")}]"), 400, "INVALID_ARGUMENT", null),
        ["an error inside a 200"] = (FakeReply.Json(200, FakeErrors.Gemini(503, "The model is overloaded.")), 503, "provider_overloaded", null),
        ["an error in an array inside a 200"] = (FakeReply.Json(200, $"[{FakeErrors.Gemini(429, "Quota", null, FakeGemini.RetryInfo("3s"))}]"), 429, "rate_limit_exceeded", "3"),
        ["HTML inside a 200"] = (FakeReply.Text(200, "text/html", "<html/>"), 502, "provider_bad_response", null),
        ["cut JSON"] = (FakeReply.Json(200, "{\"candidates\":["), 502, "provider_bad_response", null),
        ["no object"] = (FakeReply.Json(200, "[1,2]"), 502, "provider_bad_response", null),
    };

    public static TheoryData<string, bool> Rows
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var name in Errors.Keys)
            {
                data.Add(name, true);
                data.Add(name, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Error_IsOneOfTheDocumentedFailures(string name, bool streaming)
    {
        var (reply, status, code, retryAfter) = Errors[name];
        Fake.Enqueue(reply);

        using var response = await PostAsync(streaming);

        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(status, text);
        JsonNode.Parse(text)!["error"]!["code"]!.GetValue<string>().ShouldBe(code);
        (response.Headers.TryGetValues("Retry-After", out var values) ? values.Single() : null).ShouldBe(retryAfter);
        text.ShouldNotContain(GatewayApplication.ProviderKey);
        if (code == "provider_authentication")
        {
            text.ShouldNotContain("Google says");
            text.ShouldNotContain("AIzaSecret");
        }

        (await Gateway.Logs.RequestAsync()).State["Outcome"].ShouldNotBe("ok");
        Fake.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(500, "INTERNAL", HttpStatusCode.BadGateway, "provider_error")]
    [InlineData(503, "UNAVAILABLE", HttpStatusCode.ServiceUnavailable, "provider_overloaded")]
    [InlineData(429, "RESOURCE_EXHAUSTED", HttpStatusCode.TooManyRequests, "rate_limit_exceeded")]
    public async Task ErrorEvent_IsAStatusBeforeContentAndAnEventAfterIt(int status, string word, HttpStatusCode seen, string code)
    {
        var error = FakeErrors.Gemini(status, "It failed.", word);
        using var gate = new Gate();
        Fake.Enqueue(
            FakeGemini.StreamReply([error]),
            FakeGemini.StreamReply(FakeGemini.Chunks(FakeAnswer.Text("one ", "two")).Take(1)).ThenWaitFor(gate.Opened).Event(error));

        (await FailAsync(streaming: true, seen)).GetProperty("code").GetString().ShouldBe(code);
        using var response = await PostAsync(streaming: true);
        gate.Open();

        var stream = await SseText.ReadAsync(response);
        stream.Text.ShouldBe("one ");
        stream.Done.ShouldBeFalse();
        stream.Error!.Value.GetProperty("code").GetString().ShouldBe(code);
    }
}
