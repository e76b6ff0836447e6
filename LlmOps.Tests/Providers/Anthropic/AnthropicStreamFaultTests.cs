using System.Net;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Anthropic;

/// <summary>A stream without <c>message_stop</c> is not complete, whatever ended it; a caller who leaves closes it.</summary>
public sealed class AnthropicStreamFaultTests : AnthropicTests
{
    private static readonly IReadOnlyList<NamedEvent> Chunks = FakeAnthropic.Chunks(FakeAnswer.Text("one ", "two ", "three"));
    private static readonly IReadOnlyList<NamedEvent> Begun = [.. Chunks.TakeWhile(next => !next.Text.Contains("three", StringComparison.Ordinal))];

    private static readonly Dictionary<string, (Func<FakeReply, FakeReply> Fault, string Code)> Faults = new()
    {
        ["silence"] = (reply => reply.ThenSilence(), "provider_timeout"),
        ["reset"] = (reply => reply.ThenReset(), "provider_stream_interrupted"),
        ["closed without the terminating chunk"] = (reply => reply.ThenClose(), "provider_stream_interrupted"),
        ["end without message_stop"] = (reply => reply.Event("""{"type":"message_delta","delta":{"stop_reason":"end_turn"}}""").ThenEnd(), "provider_stream_interrupted"),
        ["message_stop without a stop reason"] = (reply => reply.Event("""{"type":"message_stop"}"""), "provider_stream_interrupted"),
        ["cut inside an event"] = (reply => reply.Piece("event: content_block_delta\ndata: {\"type\":\"cont"), "provider_stream_interrupted"),
        ["event that is no JSON"] = (reply => reply.Event("Internal Server Error"), "provider_bad_response"),
        ["pings for ever"] = (reply => reply.Piece("event: ping\ndata: {\"type\": \"ping\"}\n\n").ThenSilence(), "provider_timeout"),
    };

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(FaultNames))]
    public async Task FaultAfterTheFirstContent_IsAnErrorEventWithoutDone(string name)
    {
        var (fault, code) = Prepare(name);
        using var gate = new Gate();
        Fake.Enqueue(fault(FakeAnthropic.StreamReply(Begun).ThenWaitFor(gate.Opened)));

        using var response = await PostAsync(streaming: true);
        gate.Open();

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var stream = await SseText.ReadAsync(response);
        stream.Text.ShouldBe("one two ");
        stream.Done.ShouldBeFalse();
        stream.Error!.Value.GetProperty("code").GetString().ShouldBe(code);
        (await Gateway.Logs.RequestAsync()).State["Outcome"].ShouldBe(code);
    }

    [Theory]
    [MemberData(nameof(FaultNames))]
    public async Task FaultBeforeTheFirstContent_IsAnErrorStatus(string name)
    {
        var (fault, code) = Prepare(name);
        Fake.Enqueue(fault(FakeAnthropic.StreamReply(Chunks.Take(1))));

        using var response = await PostAsync(streaming: true);

        ((int)response.StatusCode).ShouldBeGreaterThanOrEqualTo(500);
        (await response.Content.ReadAsStringAsync()).ShouldContain($"\"{code}\"");
    }

    private (Func<FakeReply, FakeReply> Fault, string Code) Prepare(string name)
    {
        if (Faults[name].Code == "provider_timeout")
        {
            Gateway.With("Gateway:Routing:FirstChunkTimeout", "300ms").With("Gateway:Routing:InterChunkTimeout", "300ms");
        }

        return Faults[name];
    }
}
