using System.Net;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Providers.Gemini;

/// <summary>A stream of Gemini's has no terminal event: what breaks it off is an error all the same, and who leaves it closes it.</summary>
public sealed class GeminiStreamFaultTests : GeminiTests
{
    private static readonly IReadOnlyList<string> Chunks = FakeGemini.Chunks(FakeAnswer.Text("one ", "two ", "three"));

    private static readonly Dictionary<string, (Func<FakeReply, FakeReply> Fault, string Code)> Faults = new()
    {
        ["silence"] = (reply => reply.ThenSilence(), "provider_timeout"),
        ["reset"] = (reply => reply.ThenReset(), "provider_stream_interrupted"),
        ["closed without the terminating chunk"] = (reply => reply.ThenClose(), "provider_stream_interrupted"),
        ["end without a finish reason"] = (reply => reply.ThenEnd(), "provider_stream_interrupted"),
        ["cut inside an event"] = (reply => reply.Piece("data: {\"candidates\":[{\"cont"), "provider_stream_interrupted"),
        ["event that is no JSON"] = (reply => reply.Event("Internal Server Error"), "provider_bad_response"),
        ["error in an array"] = (reply => reply.Event($"[{FakeErrors.Gemini(503, "Overloaded")}]"), "provider_overloaded"),
        ["keep-alives for ever"] = (reply => reply.Piece(": ping\n\n").ThenSilence(), "provider_timeout"),
    };

    public static TheoryData<string> FaultNames => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(FaultNames))]
    public async Task FaultAfterTheFirstContent_IsAnErrorEventWithoutDone(string name)
    {
        var (fault, code) = Prepare(name);
        using var gate = new Gate();
        Fake.Enqueue(fault(FakeGemini.StreamReply(Chunks.Take(2)).ThenWaitFor(gate.Opened)));

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
        Fake.Enqueue(fault(FakeGemini.StreamReply(["""{"usageMetadata":{"promptTokenCount":3},"modelVersion":"gemini-2.5-flash"}"""])));

        using var response = await PostAsync(streaming: true);

        ((int)response.StatusCode).ShouldBeGreaterThanOrEqualTo(500);
        (await response.Content.ReadAsStringAsync()).ShouldContain($"\"{code}\"");
    }

    [Fact]
    public async Task ResetAfterTheFinishReason_IsAnErrorEvent()
    {
        using var gate = new Gate();
        Fake.Enqueue(FakeGemini.StreamReply(Chunks).ThenWaitFor(gate.Opened).ThenReset());

        using var response = await PostAsync(streaming: true);
        gate.Open();

        var stream = await SseText.ReadAsync(response);
        stream.Done.ShouldBeFalse();
        stream.Error!.Value.GetProperty("code").GetString().ShouldBe("provider_stream_interrupted");
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
