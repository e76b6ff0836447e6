using System.Text.Json;
using LlmOps.Gateway.Caching.Semantic;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Experiments;
using LlmOps.Gateway.Telemetry;
using LlmOps.ServiceDefaults;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.AI;

namespace LlmOps.Tests.Telemetry;

/// <summary>The log line of a request, in its forms.</summary>
public sealed class RequestLineTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Json_HasTheFieldsThatTheListHas(bool all)
    {
        var line = new RequestLine(all ? Full() : FakeRequests.Bare(), TimeSpan.FromMilliseconds(12.34), all ? "too late" : null);

        var json = Json(line).EnumerateObject().ToDictionary(field => field.Name, field => field.Value.ToString());

        json.ShouldBe(line.Where(field => field.Value is not null).ToDictionary(field => field.Key, field => JsonSerializer.SerializeToElement(field.Value).ToString()));
        // What was saved, and whether the cache had it, nobody knows of a request that failed.
        json.Count.ShouldBe(all ? line.Count - 2 : 10);
    }

    [Fact]
    public void Text_HasTheMostImportant() =>
        new RequestLine(Full(), TimeSpan.FromMilliseconds(12.34), "too late").ToString()
            .ShouldBe("provider_timeout /v1/chat/completions model=fast target=fake/gpt-4o-mini cache=bypass in=7 out=2 cost_usd=0.000001 ms=12.3 request=r1 too late");

    private static JsonElement Json(RequestLine line)
    {
        var written = new LogLine();
        written.Begin();
        line.WriteTo(written);
        written.End();
        return JsonElement.Parse(written.Written);
    }

    private static GatewayRequest Full()
    {
        var request = FakeRequests.Bare();
        request.Model = "fast";
        request.Streaming = true;
        request.Temperature = 0.5f;
        request.MaxTokens = 9;
        request.TimeToFirstChunk = TimeSpan.FromMilliseconds(3.21);
        request.IsReplayed = true;
        request.MakeFrom(new PromptIdentity("digest", "v2", "hash") { Exposure = new Exposure("shorter", "brief", "unit") });
        request.Note("secret_jwt");
        request.Error = ErrorCode.ProviderTimeout;
        request.Semantic = new SemanticUse(SemanticMode.On, true, default, "", "") { Similarity = 0.91f, Refusal = "words" };

        // One whose tokens nobody has counted.
        FakeRequests.Attempt(request).Succeeded(new ChatResponse());
        var attempt = FakeRequests.Attempt(request);
        attempt.ProviderRequestId = "req_1";
        attempt.Succeeded(new ChatResponse
        {
            ModelId = "gpt-4o-mini-2024-07-18",
            FinishReason = ChatFinishReason.Stop,
            Usage = new UsageDetails { InputTokenCount = 7, OutputTokenCount = 2 },
        });
        return request;
    }
}
