using System.Net;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.OpenAI;

/// <summary>A caller that leaves costs nothing more: the connection to the provider is closed at once.</summary>
public sealed class CancellationTests : GatewayTests
{
    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("/chat", """{"prompt":"Hi","model":"gpt-4o"}""")]
    [InlineData("/chat/stream", """{"prompt":"Hi","model":"gpt-4o"}""")]
    public async Task CallerGoneWhileWaiting_ClosesTheUpstreamConnection(string path, string body)
    {
        Fake.Enqueue(FakeReply.Silence());
        using var caller = new CancellationTokenSource();
        var answer = Gateway.PostAsync(path, body, stream: true, caller.Token);
        var received = await Fake.NextRequestAsync();

        await caller.CancelAsync();

        await received.ConnectionClosed.WithinDeadlineAsync("the upstream connection to be closed");
        await Should.ThrowAsync<OperationCanceledException>(() => answer);
        (await Gateway.Logs.RequestAsync()).State["Outcome"].ShouldBe("client_closed_request");
        Fake.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}]}""")]
    [InlineData("/chat/stream", """{"prompt":"Hi","model":"gpt-4o"}""")]
    public async Task CallerGoneMidStream_ClosesTheUpstreamConnection(string path, string body)
    {
        Fake.Enqueue(FakeReply.Sse(FakeOpenAI.Chunks(FakeAnswer.Text("one ", "two ")).Take(2), done: false).ThenSilence());
        var response = await Gateway.PostAsync(path, body, stream: true);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var received = await Fake.NextRequestAsync();

        response.Dispose();

        await received.ConnectionClosed.WithinDeadlineAsync("the upstream connection to be closed");
        (await Gateway.Logs.RequestAsync()).State["Outcome"].ShouldBe("client_closed_request");
    }

    [Fact]
    public async Task CallerGoneWhileTheProviderKeepsSending_ClosesTheUpstreamConnection()
    {
        // Far more than any buffer on the way holds, so that the gateway is stuck in writing when the caller leaves.
        var chunk = FakeOpenAI.Chunks(FakeAnswer.Text(new string('x', 64 * 1024)))[1];
        Fake.Enqueue(Enumerable.Repeat(chunk, 2000).Aggregate(FakeReply.Sse(), (reply, data) => reply.Event(data)).ThenSilence());
        var response = await Gateway.CompleteAsync("""{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"Hi"}]}""", stream: true);
        var received = await Fake.NextRequestAsync();

        response.Dispose();

        await received.ConnectionClosed.WithinDeadlineAsync("the upstream connection to be closed");
    }

    [Fact]
    public async Task BodyHalfRead_CallerGone_ClosesTheUpstreamConnection()
    {
        Fake.Enqueue(FakeReply.Head(200, ("Content-Type", "application/json")).Declare(1000).Piece("{\"id\":").ThenSilence());
        using var caller = new CancellationTokenSource();
        var answer = Gateway.CompleteAsync("""{"model":"gpt-4o","messages":[{"role":"user","content":"Hi"}]}""", cancellationToken: caller.Token);
        var received = await Fake.NextRequestAsync();

        await caller.CancelAsync();

        await received.ConnectionClosed.WithinDeadlineAsync("the upstream connection to be closed");
        await Should.ThrowAsync<OperationCanceledException>(() => answer);
    }
}
