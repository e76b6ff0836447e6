using System.Net;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Access.Limits;

/// <summary>Limits of requests at the same time: each place comes back, however a request ends.</summary>
public sealed class PlaceLimitTests : LimitTests
{
    [Theory]
    [InlineData("a bad body")]
    [InlineData("a provider's failure")]
    [InlineData("a stream that breaks")]
    [InlineData("an unknown model")]
    [InlineData("a whole answer")]
    [InlineData("a whole stream")]
    [InlineData("a stream its caller leaves")]
    [InlineData("an answer its caller leaves")]
    public async Task Place_IsFreeAgain_After(string end)
    {
        var key = await Gateway.AddKeyAsync(new RequestLimits { Concurrency = 1 });
        using var gate = new Gate();
        Fake.Enqueue(FakeOpenAI.Reply(FakeAnswer.Text("Yes")).AfterWaitingFor(gate.Opened));
        var held = Gateway.SendAsync(Chat, Request(streaming: false), key);
        await Fake.NextRequestAsync();
        using (var refused = await Gateway.SendAsync(Chat, Request(streaming: false), key))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            (await refused.Content.ReadAsStringAsync()).ShouldContain("The limit of 1 request at a time of key 'key_ci' is used up; a place is free when one of them is over.");
            refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        }

        gate.Open();
        (await held).Dispose();
        await EndAsync(end, key);

        (await WhenThereIsAPlaceAsync(key)).Dispose();
    }

    [Fact]
    public async Task Stream_HoldsItsPlace_UntilItIsOver()
    {
        var key = await Gateway.AddKeyAsync(new RequestLimits { Concurrency = 1 });
        using var gate = new Gate();
        var chunks = FakeOpenAI.Chunks(FakeAnswer.Text("Yes"));
        Fake.Enqueue(chunks.Skip(2).Aggregate(FakeReply.Sse(chunks.Take(2), done: false).ThenWaitFor(gate.Opened), (reply, chunk) => reply.Event(chunk)).Done());
        using var stream = await Gateway.SendAsync(Chat, Request(streaming: true), key, stream: true);

        using (var refused = await Gateway.SendAsync(Chat, Request(streaming: true), key))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        }

        gate.Open();
        (await stream.Content.ReadAsStringAsync()).ShouldContain("[DONE]");

        // It is given back before the end is told.
        await OkAsync(key, streaming: true);
    }

    private async Task EndAsync(string end, string key)
    {
        using var caller = new CancellationTokenSource();
        switch (end)
        {
            case "a bad body":
                (await Gateway.SendAsync(Chat, "{", key)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
                break;
            case "a provider's failure":
                Fake.Enqueue(FakeOpenAI.Error(500, "Broken"));
                (await Gateway.SendAsync(Chat, Request(streaming: false), key)).StatusCode.ShouldBe(HttpStatusCode.BadGateway);
                break;
            case "a stream that breaks":
                Fake.Enqueue(FakeReply.Sse(FakeOpenAI.Chunks(FakeAnswer.Text("Yes")).Take(2), done: false).ThenReset());
                using (var broken = await Gateway.SendAsync(Chat, Request(streaming: true), key, stream: true))
                {
                    await Should.ThrowAsync<HttpRequestException>(broken.Content.ReadAsStringAsync);
                }

                break;
            case "an unknown model":
                (await Gateway.SendAsync(Chat, """{"model":"nobody-knows-it","messages":[{"role":"user","content":"Hi"}]}""", key)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
                break;
            case "a whole answer":
                await OkAsync(key);
                break;
            case "a whole stream":
                await OkAsync(key, streaming: true);
                break;
            case "a stream its caller leaves":
                Fake.Enqueue(FakeReply.Sse(FakeOpenAI.Chunks(FakeAnswer.Text("Yes")).Take(2), done: false).ThenSilence());
                (await Gateway.SendAsync(Chat, Request(streaming: true), key, stream: true)).Dispose();
                break;
            default:
                Fake.Enqueue(FakeReply.Silence());
                var answer = Gateway.SendAsync(Chat, Request(streaming: false), key, cancellationToken: caller.Token);
                await Fake.NextRequestAsync();
                await caller.CancelAsync();
                await Should.ThrowAsync<OperationCanceledException>(answer);
                break;
        }
    }
}
