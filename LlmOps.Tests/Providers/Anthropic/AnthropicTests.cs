using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Anthropic;

/// <summary>Tests of what is Anthropic's own, with its requests and answers as they stand on the wire.</summary>
public abstract class AnthropicTests : ProviderTests
{
    private protected const string Hello = """ "messages":[{"role":"user","content":"Hi"}] """;
    private protected const string Weather = """{"type":"function","function":{"name":"get_weather","description":"The weather","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}""";

    /// <summary>The body of the last request that Anthropic got.</summary>
    private protected JsonElement Sent => Fake.Requests[^1].Json;

    /// <summary>An unstreamed answer of these blocks.</summary>
    private protected static FakeReply Message(string blocks, string reason = "end_turn", string usage = """{"input_tokens":3,"output_tokens":5}""") => FakeReply.Json(200,
        $$"""{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-6","content":[{{blocks}}],"stop_reason":"{{reason}}","stop_sequence":null,"usage":{{usage}} }""");

    /// <summary>The head of a stream, and these events after it.</summary>
    private protected static FakeReply Events(params string[] events) => FakeAnthropic.StreamReply(events.Prepend(
        """{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-6","content":[],"stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}}}""")
        .Select(json => new NamedEvent(JsonElement.Parse(json).GetProperty("type").GetString()!, json)));

    /// <summary>The events that end a stream.</summary>
    private protected static string[] End(string reason = "end_turn") =>
        [$$"""{"type":"message_delta","delta":{"stop_reason":"{{reason}}"},"usage":{"output_tokens":5} }""", """{"type":"message_stop"}"""];

    private protected static FakeReply Reply(bool streaming, FakeAnswer answer) => streaming ? FakeAnthropic.StreamReply(answer) : FakeAnthropic.Reply(answer);

    private protected Task<HttpResponseMessage> PostAsync(bool streaming, string members = Hello, string model = "claude-sonnet") =>
        Gateway.CompleteAsync(Body(TestedProvider.Anthropic with { Model = model }, streaming, members), streaming);

    /// <summary>Asks, and gets this reply.</summary>
    private protected async Task<CompletionSeen> AskAsync(bool streaming, FakeReply reply, string members = Hello, string model = "claude-sonnet")
    {
        Fake.Enqueue(reply);
        using var response = await PostAsync(streaming, members, model);
        return await CompletionSeen.ReadAsync(response, streaming);
    }

    /// <summary>What is sent for these members, to a server that refuses what Anthropic refuses.</summary>
    private protected async Task<JsonElement> SendAsync(bool streaming, string members = Hello, string model = "claude-sonnet")
    {
        AnswerAll(_ => FakeAnswer.Text("Fine"));
        using var response = await PostAsync(streaming, members, model);
        (await CompletionSeen.ReadAsync(response, streaming)).Text.ShouldBe("Fine");
        return Sent;
    }

    /// <summary>The error that a request ends with.</summary>
    private protected async Task<JsonElement> FailAsync(bool streaming, HttpStatusCode status, string members = Hello)
    {
        using var response = await PostAsync(streaming, members);
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(status, text);
        return JsonElement.Parse(text).GetProperty("error");
    }

    private protected static string Quoted(string value) => JsonSerializer.Serialize(value);
}
