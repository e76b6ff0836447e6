using System.Net;
using System.Text.Json;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers;

/// <summary>At every provider: an abnormal end is an error that the caller can see, and a caller who leaves costs nothing more.</summary>
public sealed class FaultTests : ProviderTests
{
    private static readonly Dictionary<string, (Func<TestedProvider, FakeReply, FakeReply> Fault, string[] Codes)> Faults = new()
    {
        ["silence"] = ((_, reply) => reply.ThenSilence(), ["provider_timeout"]),
        ["reset"] = ((_, reply) => reply.ThenReset(), ["provider_stream_interrupted"]),
        ["closed without the terminating chunk"] = ((_, reply) => reply.ThenClose(), ["provider_stream_interrupted"]),
        ["clean end without the terminal event"] = ((_, reply) => reply.ThenEnd(), ["provider_stream_interrupted"]),
        ["error event"] = ((provider, reply) => reply.Piece(provider.InStreamError).ThenEnd(), ["provider_error", "provider_overloaded"]),
        ["an event that is no JSON"] = ((provider, reply) => reply.Piece(provider == TestedProvider.Ollama ? "Internal Server Error\n" : "data: Internal Server Error\n\n").ThenEnd(), ["provider_bad_response"]),
    };

    public static TheoryData<string, string> ProvidersAndFaults
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var provider in TestedProvider.All)
            {
                foreach (var fault in Faults.Keys)
                {
                    data.Add(provider.Name, fault);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(ProvidersAndFaults))]
    public async Task FaultAfterTheFirstContent_IsAnErrorEventWithoutDone(string name, string fault)
    {
        var (provider, codes) = Prepare(name, fault);
        using var gate = new Gate();
        Fake.Enqueue(Faults[fault].Fault(provider, provider.Begun().ThenWaitFor(gate.Opened)));

        using var response = await Gateway.CompleteAsync(Body(provider, streaming: true), stream: true);
        gate.Open();

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var stream = await SseText.ReadAsync(response);
        stream.Text.ShouldBe("one ");
        stream.Done.ShouldBeFalse();
        stream.Broken.ShouldBeTrue();
        stream.Error!.Value.GetProperty("code").GetString().ShouldBeOneOf(codes);
        stream.Chunks.Where(chunk => chunk.TryGetProperty("choices", out _)).ShouldAllBe(chunk => chunk.GetProperty("choices")[0].GetProperty("finish_reason").ValueKind == JsonValueKind.Null);
        (await Gateway.Logs.RequestAsync()).State["Outcome"].ShouldBeOneOf(codes);
    }

    [Theory]
    [MemberData(nameof(ProvidersAndFaults))]
    public async Task FaultBeforeTheFirstContent_IsAnErrorStatus(string name, string fault)
    {
        var (provider, codes) = Prepare(name, fault);
        Fake.Enqueue(Faults[fault].Fault(provider, provider.Stream([])));

        using var response = await Gateway.CompleteAsync(Body(provider, streaming: true), stream: true);

        ((int)response.StatusCode).ShouldBeGreaterThanOrEqualTo(500);
        JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("code").GetString().ShouldBeOneOf(codes);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task CutBody_IsAnError(string name)
    {
        var provider = TestedProvider.Named(name);
        Fake.Enqueue(FakeReply.Head(200, ("Content-Type", "application/json")).Declare(1000).Piece("{\"id\":").ThenClose());

        using var response = await Gateway.CompleteAsync(Body(provider, streaming: false));

        response.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await response.Content.ReadAsStringAsync()).ShouldContain("provider_stream_interrupted");
    }

    [Theory]
    [MemberData(nameof(NamesAndModes))]
    public async Task CallerGoneWhileWaiting_ClosesTheUpstreamConnection(string name, bool streaming)
    {
        Fake.Enqueue(FakeReply.Silence());
        using var caller = new CancellationTokenSource();
        var answer = Gateway.CompleteAsync(Body(TestedProvider.Named(name), streaming), stream: true, caller.Token);
        var received = await Fake.NextRequestAsync();

        await caller.CancelAsync();

        await received.ConnectionClosed.WithinDeadlineAsync("the upstream connection to be closed");
        await Should.ThrowAsync<OperationCanceledException>(() => answer);
        (await Gateway.Logs.RequestAsync()).State["Outcome"].ShouldBe("client_closed_request");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task CallerGoneMidStream_ClosesTheUpstreamConnection(string name)
    {
        var provider = TestedProvider.Named(name);
        Fake.Enqueue(provider.Begun().ThenSilence());
        var response = await Gateway.CompleteAsync(Body(provider, streaming: true), stream: true);
        var received = await Fake.NextRequestAsync();

        response.Dispose();

        await received.ConnectionClosed.WithinDeadlineAsync("the upstream connection to be closed");
        (await Gateway.Logs.RequestAsync()).State["Outcome"].ShouldBe("client_closed_request");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task StreamedAnswers_UseTheirConnectionAgain(string name)
    {
        var provider = TestedProvider.Named(name);
        AnswerAll(_ => FakeAnswer.Text("one ", "two"));
        for (var count = 0; count < 3; count++)
        {
            using var response = await Gateway.CompleteAsync(Body(provider, streaming: true), stream: true);
            (await SseText.ReadAsync(response)).Done.ShouldBeTrue();
        }

        Fake.AcceptedConnections.ShouldBe(1);
    }

    private (TestedProvider Provider, string[] Codes) Prepare(string name, string fault)
    {
        if (fault == "silence")
        {
            Gateway.With("Gateway:Routing:FirstChunkTimeout", "150ms").With("Gateway:Routing:InterChunkTimeout", "150ms");
        }

        return (TestedProvider.Named(name), Faults[fault].Codes);
    }

    [Fact]
    public void ConnectionThatIsResetInTheMomentItIsMade_IsUnreachable() =>
        LlmOps.Gateway.Providers.ProviderTransport.Failure("openai", new System.Net.Sockets.SocketException(), CancellationToken.None)!.Error.ShouldBe(LlmOps.Gateway.Errors.ErrorCode.ProviderUnreachable);
}
