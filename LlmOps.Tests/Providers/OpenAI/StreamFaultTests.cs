using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.OpenAI;

/// <summary>An abnormal end of the upstream is an error that the caller can see: never a clean end, never [DONE].</summary>
public sealed class StreamFaultTests : GatewayTests
{
    private static readonly IReadOnlyList<string> Chunks = FakeOpenAI.Chunks(FakeAnswer.Text("one ", "two ", "three"), includeUsage: true);

    // Role chunk and two deltas.
    private static readonly FakeReply Begun = FakeReply.Sse(Chunks.Take(3), done: false);

    private static readonly Dictionary<string, (Func<FakeReply, FakeReply> Fault, string Code)> Faults = new()
    {
        ["silence"] = (reply => reply.ThenSilence(), "provider_timeout"),
        ["reset"] = (reply => reply.ThenReset(), "provider_stream_interrupted"),
        ["closed without the terminating chunk"] = (reply => reply.ThenClose(), "provider_stream_interrupted"),
        ["clean end without the terminal event"] = (reply => reply.ThenEnd(), "provider_stream_interrupted"),
        ["[DONE] without a finish reason"] = (reply => reply.Done(), "provider_stream_interrupted"),
        ["malformed chunk"] = (reply => reply.Event("{\"choices\":[{").Done(), "provider_bad_response"),
        ["chunk that is no JSON"] = (reply => reply.Event("Internal Server Error").Done(), "provider_bad_response"),
        ["error event"] = (reply => reply.Event(FakeErrors.OpenAI("The server had an error", "server_error")).Done(), "provider_error"),
        ["error event with a number"] = (reply => reply.Event(FakeErrors.OpenRouterChunk(FakeAnswer.Text("x"), 502, "Provider disconnected")).Done(), "provider_error"),
        ["finish reason error"] = (reply => reply.Event("""{"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"error"}]}""").Done(), "provider_error"),
        ["error inside a choice"] = (reply => reply.Event("""{"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop","error":{"code":502,"message":"gone"}}]}""").Done(), "provider_error"),
        ["Groq's error beside a finish reason"] = (reply => reply.Event("""{"id":"x","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"r","error":"internal failure"}}""").Done(), "provider_error"),
        ["event of type error"] = (reply => reply.Piece("event: error\ndata: {\"message\":\"x\"}\n\n").Done(), "provider_bad_response"),
        ["too many choices"] = (reply => reply.Event($$"""{"choices":[{{string.Join(',', Enumerable.Repeat("{}", 1000))}}]}""").Done(), "provider_bad_response"),
        ["a choice far out"] = (reply => reply.Event("""{"choices":[{"index":100000,"delta":{"content":"x"}}]}""").Done(), "provider_bad_response"),
        ["error text"] = (reply => reply.Event(FakeErrors.Plain("out of memory")).Done(), "provider_error"),
        ["keep-alives for ever"] = (reply => reply.Piece(": ping\n\n").Piece(": ping\n\n").ThenSilence(), "provider_timeout"),
        ["an event without an end"] = (reply => reply.Piece("data: {\"choices\":[").ThenSilence(), "provider_timeout"),
        ["an event of 10 MB"] = (reply => reply.Event($$"""{"x":"{{new string('x', 10 * 1024 * 1024)}}"}""").Done(), "provider_bad_response"),
    };

    public static TheoryData<string> Names => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task FaultAfterTheFirstContent_IsAnErrorEventWithoutDone(string name)
    {
        var (fault, code) = Prepare(name);
        using var gate = new Gate();
        Fake.Enqueue(fault(Begun.ThenWaitFor(gate.Opened)));

        using var response = await Gateway.CompleteAsync(Request(streaming: true), stream: true);
        gate.Open();

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var stream = await SseText.ReadAsync(response);
        stream.Text.ShouldBe("one two ");
        stream.Done.ShouldBeFalse();
        stream.Broken.ShouldBeTrue();
        stream.Error!.Value.GetProperty("code").GetString().ShouldBe(code);
        var line = await Gateway.Logs.RequestAsync();
        line.State["Outcome"].ShouldBe(code);
        line.State["FinishReason"].ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task FaultBeforeTheFirstContent_IsAnErrorStatus(string name)
    {
        var (fault, code) = Prepare(name);

        // The role chunk is no content: nothing has been promised to the caller yet.
        Fake.Enqueue(fault(FakeReply.Sse(Chunks.Take(1), done: false)));

        using var response = await Gateway.CompleteAsync(Request(streaming: true), stream: true);

        ((int)response.StatusCode).ShouldBeGreaterThanOrEqualTo(500);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("code").GetString().ShouldBe(code);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task FaultInAPlainTextStream_BreaksTheConnection(string name)
    {
        var (fault, code) = Prepare(name);
        using var gate = new Gate();
        Fake.Enqueue(fault(Begun.ThenWaitFor(gate.Opened)));

        using var response = await Gateway.PostAsync("/chat/stream", """{"prompt":"Hi","model":"gpt-4o"}""", stream: true);
        gate.Open();

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        await Should.ThrowAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync());
        (await Gateway.Logs.RequestAsync()).State["Outcome"].ShouldBe(code);
    }

    [Fact]
    public async Task CompleteStream_EndsWithDone()
    {
        Fake.Enqueue(FakeReply.Sse(Chunks));

        using var response = await Gateway.CompleteAsync(Request(streaming: true), stream: true);

        var stream = await SseText.ReadAsync(response);
        stream.Text.ShouldBe("one two three");
        stream.Done.ShouldBeTrue();
        stream.Broken.ShouldBeFalse();
        stream.Error.ShouldBeNull();
        var line = await Gateway.Logs.RequestAsync();
        line.State["Outcome"].ShouldBe("ok");
        line.State["FinishReason"].ShouldBe("stop");
        line.State["OutputTokens"].ShouldBe(10L);
        line.State["FirstChunkMs"].ShouldNotBeNull();
    }

    [Fact]
    public async Task Chunks_GoOutAsTheyCome()
    {
        using var gate = new Gate();
        Fake.Enqueue(FakeReply.Sse(Chunks.Take(2), done: false).ThenWaitFor(gate.Opened).Event(Chunks[2]).Event(Chunks[3]).Event(Chunks[4]).Event(Chunks[5]).Done());

        using var response = await Gateway.CompleteAsync(Request(streaming: true), stream: true);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var first = "";
        while (!first.Contains("one ", StringComparison.Ordinal))
        {
            first += await reader.ReadLineAsync();
        }

        // Only now does the provider go on: what was read above cannot have waited for it.
        gate.Open();
        (await reader.ReadToEndAsync()).ShouldEndWith("data: [DONE]\n\n");
    }

    [Fact]
    public async Task ConnectionOfACompleteStream_IsUsedAgain()
    {
        for (var round = 0; round < 3; round++)
        {
            Fake.Enqueue(FakeReply.Sse(Chunks));
            using var response = await Gateway.CompleteAsync(Request(streaming: true), stream: true);
            (await SseText.ReadAsync(response)).Done.ShouldBeTrue();
        }

        Fake.AcceptedConnections.ShouldBe(1);
    }

    [Fact]
    public async Task StreamAnsweredWithoutAnyChunk_IsABadResponse()
    {
        Fake.Enqueue(FakeReply.Sse([]));

        using var response = await Gateway.CompleteAsync(Request(streaming: true), stream: true);

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
    }

    [Theory]
    [InlineData("one")]
    [InlineData("application/json")]
    public async Task StreamAnsweredUnstreamed_IsABadResponse(string type)
    {
        Fake.Enqueue(type == "one" ? FakeReply.Text(200, "text/plain", "data: x\n\n") : FakeOpenAI.Reply(FakeAnswer.Text("Hi")));

        using var response = await Gateway.CompleteAsync(Request(streaming: true), stream: true);

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await response.Content.ReadAsStringAsync()).ShouldContain("expected text/event-stream");
    }

    /// <summary>The fault of that name; the limits are short where they are what ends it.</summary>
    private (Func<FakeReply, FakeReply> Fault, string Code) Prepare(string name)
    {
        if (Faults[name].Code == "provider_timeout")
        {
            Gateway.With("Gateway:Routing:FirstChunkTimeout", "300ms").With("Gateway:Routing:InterChunkTimeout", "300ms");
        }

        return Faults[name];
    }
}
