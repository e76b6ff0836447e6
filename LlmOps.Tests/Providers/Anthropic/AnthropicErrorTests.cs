using System.Net;
using System.Text.Json.Nodes;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Anthropic;

/// <summary>Anthropic's errors become the documented failures, as an answer or in the middle of a stream.</summary>
public sealed class AnthropicErrorTests : AnthropicTests
{
    private static readonly Dictionary<string, (FakeReply Reply, int Status, string Code, string? RetryAfter)> Errors = new()
    {
        ["invalid request"] = (FakeAnthropic.Error(400, "messages: at least one message is required"), 400, "invalid_request", null),
        ["prompt too long"] = (FakeAnthropic.Error(400, "prompt is too long: 210000 tokens > 200000 maximum"), 400, "context_length_exceeded", null),
        ["prompt and answer too long"] = (FakeAnthropic.Error(400, "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again"), 400, "context_length_exceeded", null),
        ["credit balance"] = (FakeAnthropic.Error(400, "Your credit balance is too low to access the Anthropic API."), 429, "insufficient_quota", null),
        ["billing"] = (FakeAnthropic.Error(402, "Pay"), 429, "insufficient_quota", null),
        ["wrong key"] = (FakeAnthropic.Error(401, "invalid x-api-key, says Anthropic"), 502, "provider_authentication", null),
        ["permission"] = (FakeAnthropic.Error(403, "Not allowed, says Anthropic"), 502, "provider_authentication", null),
        ["unknown model"] = (FakeAnthropic.Error(404, "model: claude-x"), 404, "model_not_found", null),
        ["too large"] = (FakeAnthropic.Error(413, "Request exceeds the maximum size"), 413, "request_too_large", null),
        ["rate limit"] = (FakeAnthropic.Error(429, "Slow down").Header("retry-after", "7"), 429, "rate_limit_exceeded", "7"),
        ["rate limit with a reset in the past"] = (FakeAnthropic.Error(429, "Slow down").Header("anthropic-ratelimit-tokens-remaining", "0").Header("anthropic-ratelimit-tokens-reset", "2020-01-02T03:04:05Z"), 429, "rate_limit_exceeded", null),
        ["acceleration limit with plenty left"] = (FakeAnthropic.Error(429, "Slow down").Header("anthropic-ratelimit-tokens-remaining", "9").Header("anthropic-ratelimit-tokens-reset", "2099-01-02T03:04:05Z"), 429, "rate_limit_exceeded", null),
        ["api error"] = (FakeAnthropic.Error(500, "Internal server error"), 502, "provider_error", null),
        ["time-out"] = (FakeAnthropic.Error(504, "Timed out"), 504, "provider_timeout", null),
        ["overloaded"] = (FakeAnthropic.Error(529, "Overloaded"), 503, "provider_overloaded", null),
        ["HTML"] = (FakeReply.Text(502, "text/html", "<html/>"), 502, "provider_error", null),
        ["error inside a 200"] = (FakeReply.Json(200, FakeErrors.Anthropic("overloaded_error", "Overloaded")), 503, "provider_overloaded", null),
        ["HTML inside a 200"] = (FakeReply.Text(200, "text/html", "<html/>"), 502, "provider_bad_response", null),
        ["no content"] = (FakeReply.Json(200, """{"id":"msg_1","type":"message"}"""), 502, "provider_bad_response", null),
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
        text.ShouldNotContain("says Anthropic");
        Fake.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task ResetOfAnEmptyRateLimit_IsRetryAfter()
    {
        var reset = TimeProvider.System.GetUtcNow().AddMinutes(10).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        Fake.Enqueue(FakeAnthropic.Error(429, "Slow down")
            .Header("anthropic-ratelimit-requests-remaining", "5").Header("anthropic-ratelimit-requests-reset", "2099-01-01T00:00:00Z")
            .Header("anthropic-ratelimit-input-tokens-remaining", "0").Header("anthropic-ratelimit-input-tokens-reset", reset));

        using var response = await PostAsync(streaming: false);

        int.Parse(response.Headers.GetValues("Retry-After").Single(), System.Globalization.CultureInfo.InvariantCulture).ShouldBeInRange(500, 601);
    }

    [Fact]
    public async Task IdOfAFailedRequest_StandsInTheLogLine()
    {
        Fake.Enqueue(FakeAnthropic.Error(529, "Overloaded", requestId: "req_43"));

        await FailAsync(streaming: false, HttpStatusCode.ServiceUnavailable);

        (await Gateway.Logs.RequestAsync()).State["ProviderRequestId"].ShouldBe("req_43");
    }

    [Theory]
    [InlineData("overloaded_error", HttpStatusCode.ServiceUnavailable, "provider_overloaded")]
    [InlineData("api_error", HttpStatusCode.BadGateway, "provider_error")]
    [InlineData("rate_limit_error", HttpStatusCode.TooManyRequests, "rate_limit_exceeded")]
    [InlineData("something_new", HttpStatusCode.BadGateway, "provider_error")]
    public async Task ErrorEvent_IsAStatusBeforeContentAndAnEventAfterIt(string type, HttpStatusCode status, string code)
    {
        var error = FakeAnthropic.ErrorEvent("It failed.", type);
        var events = FakeAnthropic.Chunks(FakeAnswer.Text("one ", "two"));
        using var gate = new Gate();
        Fake.Enqueue(
            FakeAnthropic.StreamReply(events.Take(2).Append(error)),
            FakeAnthropic.StreamReply(events.TakeWhile(next => !next.Text.Contains("two", StringComparison.Ordinal))).ThenWaitFor(gate.Opened).Piece(error.Text));

        (await FailAsync(streaming: true, status)).GetProperty("code").GetString().ShouldBe(code);
        using var response = await PostAsync(streaming: true);
        gate.Open();

        var stream = await SseText.ReadAsync(response);
        stream.Text.ShouldBe("one ");
        stream.Done.ShouldBeFalse();
        stream.Error!.Value.GetProperty("code").GetString().ShouldBe(code);
    }
}
