using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Gemini;

/// <summary>Tests of what is Gemini's own, with its requests and answers as they stand on the wire.</summary>
public abstract class GeminiTests : ProviderTests
{
    private protected const string Flash = "gemini/gemini-2.5-flash", Version3 = "gemini-3-pro-preview";
    private protected const string Hello = """ "messages":[{"role":"user","content":"Hi"}] """;
    private protected const string Weather = """{"type":"function","function":{"name":"get_weather","description":"The weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}""";

    /// <summary>The answer that tests use who look at the request only.</summary>
    private protected const string Fine = """{"candidates":[{"content":{"parts":[{"text":"Fine"}],"role":"model"},"finishReason":"STOP"}]}""";

    /// <summary>The body of the last request that Gemini got.</summary>
    private protected JsonElement Sent => Fake.Requests[^1].Json;

    /// <summary>Replies with one response, or with several as a stream.</summary>
    private protected static FakeReply Reply(bool streaming, params string[] responses) =>
        streaming ? FakeGemini.StreamReply(responses) : FakeReply.Json(200, responses.Single());

    private protected Task<HttpResponseMessage> PostAsync(bool streaming, string members = Hello, string model = Flash) =>
        Gateway.CompleteAsync(Body(TestedProvider.Gemini with { Model = model }, streaming, members), streaming);

    /// <summary>Asks, and gets one of these replies.</summary>
    private protected async Task<CompletionSeen> AskAsync(bool streaming, FakeReply reply, string members = Hello, string model = Flash)
    {
        Fake.Enqueue(reply);
        using var response = await PostAsync(streaming, members, model);
        return await CompletionSeen.ReadAsync(response, streaming);
    }

    /// <summary>What is sent for these members.</summary>
    private protected async Task<JsonElement> SendAsync(bool streaming, string members = Hello, string model = Flash)
    {
        await AskAsync(streaming, Reply(streaming, Fine), members, model);
        return Sent;
    }

    /// <summary>The error that a request ends with.</summary>
    private protected async Task<JsonElement> FailAsync(bool streaming, HttpStatusCode status, string members = Hello, string model = Flash)
    {
        using var response = await PostAsync(streaming, members, model);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(status, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        return JsonElement.Parse(text).GetProperty("error");
    }

    private protected static string Quoted(string value) => JsonSerializer.Serialize(value);
}
