using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Tests.Fakes;
using LlmOps.Tests.Routing;
using LlmOps.Tests.Telemetry.Delivery;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Telemetry;

/// <summary>What the spans of a request tell, as a tree, whatever becomes of it.</summary>
public sealed class RequestTraceTests : TwoTargetTests
{
    private const string CallersTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

    private readonly CollectingSink _sink = new();

    public RequestTraceTests() => Gateway
        .With("Gateway:Telemetry:Delivery:Interval", "1ms")
        .WithServices(services => services.AddSingleton(new SinkSource(_ => _sink)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RequestThatFailsOver_HasASpanForEachAttempt(bool streaming)
    {
        using (var response = await AskAsync(Request(streaming).Replace("\"stream\"", "\"temperature\":0.2,\"stream\"", StringComparison.Ordinal), streaming))
        {
            await response.Content.ReadAsStringAsync();
        }

        var trace = await TraceAsync();

        Tree(trace).ShouldBe(
            """
            POST /v1/chat/completions ok
              guardrail input
              chat gpt-4o provider_error
              chat gpt-4o-mini ok
              guardrail output
            """);
        var (failed, answered) = (trace.Spans[2], trace.Spans[3]);
        (failed.Error, failed.Call!.Outcome, failed.Kind).ShouldBe(("provider_error", "provider_error", "client"));
        (answered.Error, answered.Call!.Outcome).ShouldBe((null, "ok"));
        answered.Attributes["gen_ai.operation.name"].ShouldBe("chat");
        answered.Attributes["gen_ai.provider.name"].ShouldBe("second");
        answered.Attributes["gen_ai.request.model"].ShouldBe("gpt-4o-mini");
        answered.Attributes["gen_ai.response.model"].ShouldNotBeNull();
        answered.Attributes["gen_ai.response.finish_reasons"].ShouldBe(new[] { "stop" });
        answered.Attributes["gen_ai.request.temperature"].ShouldBe(0.2);
        answered.Attributes["server.address"].ShouldBe("127.0.0.1");
        answered.Attributes["server.port"].ShouldBe((long)Second.BaseAddress.Port);
        answered.Attributes["gen_ai.usage.input_tokens"].ShouldBe(trace.Request.InputTokens);
        answered.Attributes["gen_ai.usage.output_tokens"].ShouldBe(trace.Request.OutputTokens);
        answered.Attributes.ContainsKey("gen_ai.request.stream").ShouldBe(streaming);
        answered.Attributes.ContainsKey("gen_ai.response.time_to_first_chunk").ShouldBe(streaming);
        (answered.FirstChunkAt is not null).ShouldBe(streaming);
        (trace.Status, trace.FinishReason, trace.Request.Outcome, trace.Request.Stream).ShouldBe((200, "stop", "ok", streaming));
        trace.Content.ShouldBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RequestThatHitsTheCache_HasNoAttempt(bool streaming)
    {
        First.Handler = FakeOpenAI.Handler(_ => Answer, "sk-first");
        var cached = Request(streaming).Replace("\"stream\"", "\"temperature\":0,\"stream\"", StringComparison.Ordinal);
        for (var number = 0; number < 2; number++)
        {
            using var response = await AskAsync(cached, streaming);
            await response.Content.ReadAsStringAsync();
        }

        var (missed, hit) = (await TraceAsync(of: 2, index: 0), await TraceAsync(of: 2, index: 1));

        Tree(missed).ShouldBe(
            """
            POST /v1/chat/completions ok
              guardrail input
              cache exact miss
              chat gpt-4o ok
              guardrail output
            """);
        Tree(hit).ShouldBe(
            """
            POST /v1/chat/completions ok
              guardrail input
              cache exact hit-memory
              guardrail output
            """);
        (hit.Request.Cache, hit.Request.InputTokens, hit.Request.Cost!.Value.Value).ShouldBe(("hit-memory", null, 0L));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RequestThatIsRefusedByAGuardrail_SaysByWhichRule(bool streaming)
    {
        Gateway.With("Gateway:Guardrails:BlockedWords", "Enforce").With("Gateway:Guardrails:BlockedWordList:0", "xyzzy");
        using (await AskAsync(Request(streaming).Replace("Hi", "xyzzy", StringComparison.Ordinal), streaming))
        {
        }

        var trace = await TraceAsync();

        Tree(trace).ShouldBe(
            """
            POST /v1/chat/completions content_policy
              guardrail input content_policy
            """);
        trace.Spans[1].Attributes["llmops.guardrail.rules"].ShouldBe(new[] { "blocked_word" });
        (trace.Status, trace.Guardrails.Single(), trace.Request.Outcome).ShouldBe((400, "blocked_word", "content_policy"));
    }

    [Fact]
    public async Task RequestWhoseCallerLeaves_SaysThatItWasCancelled()
    {
        using var leaves = new CancellationTokenSource();
        First.Handler = _ => FakeReply.Sse(FakeOpenAI.Chunks(Answer).Take(3), done: false).ThenSilence();
        using (var response = await Gateway.CompleteAsync(Request(streaming: true), stream: true, leaves.Token))
        {
            var body = await response.Content.ReadAsStreamAsync();
            (await body.ReadAsync(new byte[1])).ShouldBe(1);
            await leaves.CancelAsync();
        }

        var trace = await TraceAsync();

        Tree(trace).ShouldBe(
            """
            POST /v1/chat/completions client_closed_request
              guardrail input
              chat gpt-4o cancelled
              guardrail output
            """);
        (trace.Status, trace.Request.Outcome).ShouldBe((499, "client_closed_request"));
    }

    [Fact]
    public async Task RequestThatNobodyUnderstands_HasASpanAllTheSame()
    {
        using (await AskAsync("""{"model":"chain","messages":"none"}""", streaming: false))
        {
        }

        var trace = await TraceAsync();

        Tree(trace).ShouldBe("POST /v1/chat/completions invalid_value");
        (trace.Status, trace.Reason).ShouldBe((400, "The field messages."));
    }

    [Fact]
    public async Task CallersTrace_GoesOn_AndIsGivenToTheProvider()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Request(streaming: false), System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", $"00-{CallersTrace}-00f067aa0ba902b7-01");
        using (await Gateway.Http.SendAsync(request))
        {
        }

        var trace = await TraceAsync();

        (trace.TraceId, trace.Spans[0].Parent).ShouldBe((CallersTrace, "00f067aa0ba902b7"));
        Second.Requests.Single().Headers["traceparent"].ToString().ShouldBe($"00-{CallersTrace}-{trace.Spans[3].Id}-00");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Content_IsTold_OnlyWhereItIsCaptured(bool streaming)
    {
        Gateway.With("Gateway:Telemetry:Capture:Everything", "true").With("Gateway:Telemetry:Capture:Mask", "true").With("Gateway:Telemetry:Capture:MaxCharacters", "40");
        Second.Handler = FakeOpenAI.Handler(_ => FakeAnswer.Text("Write to ", "ann@example.com", " or ", new string('x', 100)), "sk-second");
        using (var response = await AskAsync(Request(streaming).Replace("Hi", "I am bob@example.com", StringComparison.Ordinal), streaming))
        {
            await response.Content.ReadAsStringAsync();
        }

        var trace = await TraceAsync();

        trace.Content!.Messages.ShouldBe([new TraceMessage("user", "I am [pii_email]")]);
        trace.Content.Answer.ShouldBe($"Write to [pii_email] or {new string('x', 16)}… (128 characters in all)");
        trace.Spans[3].Attributes["gen_ai.input.messages"].ShouldBe("""[{"role":"user","parts":[{"type":"text","content":"I am [pii_email]"}]}]""");
        trace.Spans[3].Attributes["gen_ai.output.messages"].ToString().ShouldNotBeNull().ShouldStartWith("""[{"role":"assistant","parts":[{"type":"text","content":"Write to [pii_email] or x""");
    }

    [Fact]
    public async Task TraceAsJson_IsTheSameAgain()
    {
        Gateway.With("Gateway:Telemetry:Capture:Everything", "true");
        using (await AskAsync(Request(streaming: false), streaming: false))
        {
        }

        var trace = await TraceAsync();
        var json = TelemetryJson.Write(trace);
        var again = TelemetryJson.Read(json).ShouldBeOfType<RequestTrace>();

        TelemetryJson.Write(again).ShouldBe(json);
        (again.Request.Id, again.Request.Cost, again.Spans.Count, again.Spans[3].Call).ShouldBe((trace.Request.Id, trace.Request.Cost, trace.Spans.Count, trace.Spans[3].Call));
        again.Spans[3].Attributes["gen_ai.usage.input_tokens"].ShouldBe(trace.Request.InputTokens);
    }

    private Task<HttpResponseMessage> AskAsync(string json, bool streaming) => Gateway.CompleteAsync(json, streaming);

    private async Task<RequestTrace> TraceAsync(int of = 1, int index = 0) => (await _sink.RequestsAsync(of))[index];

    // The spans in the order in which they began, each in what it lies in, with its outcome.
    private static string Tree(RequestTrace trace)
    {
        var depths = new Dictionary<string, int>();
        return string.Join('\n', trace.Spans.Select(span =>
        {
            var depth = depths[span.Id] = span.Parent is { } parent && depths.TryGetValue(parent, out var above) ? above + 1 : 0;
            var outcome = span.Attributes.GetValueOrDefault("llmops.outcome") ?? span.Attributes.GetValueOrDefault("llmops.cache.outcome") ?? span.Error;
            return $"{new string(' ', 2 * depth)}{span.Name} {outcome}".TrimEnd();
        }));
    }
}
