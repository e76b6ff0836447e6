using System.Text.Json;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Telemetry.Langfuse;

/// <summary>Langfuse before 3.22, which takes traces by its ingestion API.</summary>
public sealed class LangfuseIngestionTests
{
    private const string V2 = "2.95.12";
    private const string V3 = "3.21.4";

    [Theory]
    [InlineData(V2)]
    [InlineData(V3)]
    public async Task Trace_HasAllThatIsKnownOfTheRequest(string version)
    {
        await using var langfuse = new TestedLangfuse(version);
        var request = SomeTraces.Answered() with { Content = SomeTraces.Content };

        (await langfuse.SendAsync(request)).ShouldBeSameAs(SinkReply.Taken);

        var trace = langfuse.Fake.Made("trace-create").ShouldHaveSingleItem();
        trace.TextAt("id").ShouldBe(request.Request.Id.ToString("N"));
        trace.GetProperty("timestamp").GetDateTimeOffset().ShouldBe(SomeTraces.At);
        (trace.TextAt("name"), trace.TextAt("userId"), trace.TextAt("sessionId")).ShouldBe(("/chat", "ada", "session-1"));
        trace.TextAt("environment").ShouldBe(version == V2 ? null : "staging");
        Texts(trace, "tags").ShouldBe(["tenant:acme", "endpoint:/chat", "model:fast", "cache:miss"]);
        trace.ListAt("input").Select(message => (message.TextAt("role"), message.TextAt("content"))).ShouldBe([("system", "Be brief."), ("user", SomeTraces.Question)]);
        trace.At("output").TextAt("content").ShouldBe(SomeTraces.Reply);
        trace.At("metadata").GetRawText().ShouldBe("""
            {"request_id":"the-callers-id","tenant":"acme","team":"search","key":"key_1","subject":"key:key_1","account":"ada@acme.example","endpoint":"/chat","model":"fast",
            "provider":"openai","provider_model":"gpt-4o-mini","response_model":"gpt-4o-mini-2024-07-18","finish_reason":"stop","prompt":"summarizer","prompt_version":"v2",
            "experiment":"shorter","variant":"brief","stream":true,"outcome":"ok","status":200,"cache":"miss","similarity":0.91,"semantic_mode":"shadow","semantic_refusal":"words",
            "guardrails":["pii_email"],"degraded":["redis"],"configuration":"abcdef012345","w3c_trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","input_tokens":1234,"output_tokens":56,
            "cost_usd":"0.0002187","estimated":false,"duration_ms":500,"first_chunk_ms":120}
            """.ReplaceLineEndings(""));
    }

    [Theory]
    [InlineData(V2, true)]
    [InlineData(V2, false)]
    [InlineData(V3, true)]
    public async Task EachCall_IsAGeneration_WithTheLedgersTokensAndCost(string version, bool streaming)
    {
        await using var langfuse = new TestedLangfuse(version);
        var request = SomeTraces.Answered(streaming) with { Content = SomeTraces.Content };

        await langfuse.SendAsync(request);

        langfuse.Fake.Made("generation-create").Count.ShouldBe(2);
        var answering = Observation(langfuse, "generation-create", request, SomeTraces.AnsweringSpan);
        answering.TextAt("traceId").ShouldBe(request.Request.Id.ToString("N"));
        answering.At("usage").GetRawText().ShouldBe("""{"input":1234,"output":56,"total":1290,"unit":"TOKENS","totalCost":0.0002187}""");
        answering.At("modelParameters").GetRawText().ShouldBe("""{"temperature":0.7,"max_tokens":100,"top_p":0.5,"seed":7,"stop":["END"],"output_type":"json"}""");
        (answering.TextAt("name"), answering.TextAt("model")).ShouldBe(("chat gpt-4o-mini", "gpt-4o-mini"));
        (answering.TextAt("promptName"), answering.NumberAt("promptVersion")).ShouldBe(("summarizer", 2));
        answering.GetProperty("startTime").GetDateTimeOffset().ShouldBe(SomeTraces.At.AddMilliseconds(60));
        answering.GetProperty("endTime").GetDateTimeOffset().ShouldBe(SomeTraces.At.AddMilliseconds(490));
        answering.Has("completionStartTime").ShouldBe(streaming);
        (streaming ? answering.GetProperty("completionStartTime").GetDateTimeOffset() : default(DateTimeOffset?)).ShouldBe(streaming ? SomeTraces.At.AddMilliseconds(120) : null);
        answering.At("output").TextAt("content").ShouldBe(SomeTraces.Reply);
        answering.At("metadata").GetRawText().ShouldBe("""{"llmops.attempt":2,"llmops.provider.request_id":"req-9","provider":"openai","outcome":"ok","estimated":false}""");
        answering.Has("level").ShouldBeFalse();

        var failed = Observation(langfuse, "generation-create", request, SomeTraces.FailedSpan);
        (failed.TextAt("level"), failed.TextAt("statusMessage")).ShouldBe(("ERROR", "rate_limited"));
        (failed.Has("usage"), failed.Has("output")).ShouldBe((false, false));
        failed.At("input").GetArrayLength().ShouldBe(2);

        var guardrail = Observation(langfuse, "span-create", request, SomeTraces.GuardrailSpan);
        guardrail.TextAt("name").ShouldBe("guardrail input");
        guardrail.Has("parentObservationId").ShouldBeFalse();
        langfuse.Fake.Made("span-create").Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(V2)]
    [InlineData(V3)]
    public async Task CachedAnswer_HasNoGenerationAndCostsNothing(string version)
    {
        await using var langfuse = new TestedLangfuse(version);

        await langfuse.SendAsync(SomeTraces.Cached());

        langfuse.Fake.Made("generation-create").ShouldBeEmpty();
        var trace = langfuse.Fake.Made("trace-create").ShouldHaveSingleItem();
        var metadata = trace.At("metadata");
        (metadata.TextAt("cache"), metadata.TextAt("cost_usd"), metadata.TextAt("saved_usd"), metadata.Has("input_tokens")).ShouldBe(("hit-semantic", "0", "0.0002187", false));
        Texts(trace, "tags").ShouldContain("cache:hit-semantic");
    }

    [Fact]
    public async Task WhatIsNotCaptured_IsNotSent()
    {
        await using var langfuse = new TestedLangfuse(V2);

        await langfuse.SendAsync(SomeTraces.Answered());

        langfuse.Fake.Bodies.Values.ShouldAllBe(body => !body.Has("input") && !body.Has("output"));
    }

    [Fact]
    public async Task Failure_IsToldWithItsReason()
    {
        await using var langfuse = new TestedLangfuse(V2);
        var request = SomeTraces.Failed();

        await langfuse.SendAsync(request);

        var metadata = langfuse.Fake.Made("trace-create").Single().At("metadata");
        (metadata.TextAt("outcome"), metadata.NumberAt("status"), metadata.TextAt("reason")).ShouldBe(("provider_rate_limited", 503, "All providers are busy."));
        Observation(langfuse, "generation-create", request, SomeTraces.FailedSpan).TextAt("statusMessage").ShouldBe("All providers are busy.");
    }

    [Fact]
    public async Task RequestWithoutPromptOrSession_NamesNeither()
    {
        await using var langfuse = new TestedLangfuse(V2);
        var answered = SomeTraces.Answered();

        await langfuse.SendAsync(answered with { Request = answered.Request with { Prompt = "inline", PromptVersion = null, Session = null, UserLabel = null } });

        langfuse.Fake.Made("generation-create").ShouldAllBe(body => !body.Has("promptName") && !body.Has("promptVersion"));
        var trace = langfuse.Fake.Made("trace-create").Single();
        (trace.Has("sessionId"), trace.TextAt("userId")).ShouldBe((false, "key:key_1"));
    }

    [Fact]
    public async Task JudgesCall_HasItsCost_AndNothingOfTheQuestion()
    {
        await using var langfuse = new TestedLangfuse(V2);
        var request = SomeTraces.Judged() with { Content = SomeTraces.Content };

        await langfuse.SendAsync(request);

        var judge = Observation(langfuse, "generation-create", request, SomeTraces.JudgeSpan);
        judge.At("usage").NumberAt("totalCost").ShouldBe(0.0002187);
        new[] { "input", "output", "promptName", "promptVersion", "modelParameters" }.ShouldAllBe(name => !judge.Has(name));
        Observation(langfuse, "generation-create", request, SomeTraces.AnsweringSpan).Has("output").ShouldBeTrue();
    }

    [Fact]
    public async Task SpanWithinAnother_NamesIt()
    {
        await using var langfuse = new TestedLangfuse(V2);
        var answered = SomeTraces.Answered();
        var request = answered with { Spans = [.. answered.Spans.Take(3), answered.Spans[3] with { Parent = SomeTraces.GuardrailSpan }] };

        await langfuse.SendAsync(request);

        Observation(langfuse, "generation-create", request, SomeTraces.AnsweringSpan).TextAt("parentObservationId").ShouldBe($"{request.Request.Id:N}-{SomeTraces.GuardrailSpan}");
    }

    [Fact]
    public async Task UnpricedCall_HasTokensAndNoCost()
    {
        await using var langfuse = new TestedLangfuse(V2);
        var answered = SomeTraces.Answered();
        var request = answered with { Spans = [answered.Spans[0], answered.Spans[3] with { Call = answered.Spans[3].Call! with { Cost = null } }] };

        await langfuse.SendAsync(request);

        langfuse.Fake.Made("generation-create").Single().At("usage").GetRawText().ShouldBe("""{"input":1234,"output":56,"total":1290,"unit":"TOKENS"}""");
    }

    [Fact]
    public async Task RefusedParts_CountOnceForTheirRequest_AndAreNotSentAgain()
    {
        await using var langfuse = new TestedLangfuse(V2);
        langfuse.Fake.Fails = each => each.TextAt("type") == "generation-create" ? 400 : null;
        var cached = SomeTraces.Cached();

        var reply = await langfuse.SendAsync(SomeTraces.Answered(), cached);

        (reply.Rejected, reply.Again.Count).ShouldBe((1, 0));
        reply.Reason.ShouldBe("400: Invalid request data Failed by the test");
        langfuse.Fake.Made("trace-create").Count.ShouldBe(2);
    }

    [Fact]
    public async Task PartsThatTheServerFailedOn_AreSentAgain_WithoutDoubles()
    {
        await using var langfuse = new TestedLangfuse(V2);
        var (first, second, third) = (SomeTraces.Answered(), SomeTraces.Cached(), SomeTraces.Answered());

        // The first is refused in one part and failed on in another: it counts when it is sent again.
        langfuse.Fake.Fails = each => Belongs(each, first) ? each.TextAt("type") switch { "span-create" => 500, "generation-create" => 404, _ => null }
            : Belongs(each, third) && each.TextAt("type") == "span-create" ? 503 : null;
        var reply = await langfuse.SendAsync(first, second, third);
        langfuse.Fake.Fails = _ => null;

        reply.Rejected.ShouldBe(0);
        reply.Again.ShouldBe([first, third]);
        (await langfuse.SendAsync([.. reply.Again])).ShouldBeSameAs(SinkReply.Taken);
        langfuse.Fake.Made("trace-create").Count.ShouldBe(3);
        langfuse.Fake.Made("generation-create").Count.ShouldBe(4);
        langfuse.Fake.Repeated.ShouldBe(4);
    }

    [Fact]
    public async Task MoreThanOneBatchHolds_IsSplit()
    {
        await using var langfuse = new TestedLangfuse(V2);
        var content = new TraceContent([new TraceMessage("user", new string('ж', 500_000))], "yes");

        var reply = await langfuse.SendAsync(SomeTraces.Answered() with { Content = content }, SomeTraces.Answered() with { Content = content }, SomeTraces.Cached());

        reply.Rejected.ShouldBe(0);
        langfuse.Fake.Made("trace-create").Count.ShouldBe(3);
        var batches = langfuse.Server.Requests.Where(request => request.Path == "/api/public/ingestion").ToList();
        batches.Count.ShouldBe(2);
        batches.ShouldAllBe(batch => batch.Body.Length <= 3_500_000);
    }

    [Fact]
    public async Task WhatNoBatchHolds_IsSentWithoutItsContent()
    {
        await using var langfuse = new TestedLangfuse(V2);

        var reply = await langfuse.SendAsync(SomeTraces.Answered() with { Content = new TraceContent([new TraceMessage("user", new string('x', 3_500_000))], "yes") });

        reply.Rejected.ShouldBe(0);
        var trace = langfuse.Fake.Made("trace-create").Single();
        (trace.Has("input"), trace.At("metadata").TextAt("content_omitted")).ShouldBe((false, "too large"));
        langfuse.Fake.Made("generation-create").Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(V2)]
    [InlineData(V3)]
    public async Task Score_IsOfItsTrace_AndALaterOneReplacesIt(string version)
    {
        await using var langfuse = new TestedLangfuse(version);
        var request = SomeTraces.Cached();

        await langfuse.SendAsync(request, SomeTraces.Score(request), SomeTraces.Score(request, name: "polite"), SomeTraces.Score(request, 0.25));

        var scores = langfuse.Fake.Made("score-create");
        scores.Select(score => (score.TextAt("name"), score.NumberAt("value"))).ShouldBe([("helpful", 0.25), ("polite", 0.5)], ignoreOrder: true);
        scores.ShouldAllBe(score => score.TextAt("traceId") == request.Request.Id.ToString("N") && score.TextAt("comment") == "well said" && score.TextAt("dataType") == "NUMERIC");
        scores[0].At("metadata").TextAt("source").ShouldBe(version == V2 ? null : "feedback");
    }

    private static bool Belongs(JsonElement sent, RequestTrace request) => $"{sent.At("body").TextAt("traceId")}{sent.At("body").TextAt("id")}".Contains($"{request.Request.Id:N}", StringComparison.Ordinal);

    private static JsonElement Observation(TestedLangfuse langfuse, string type, RequestTrace request, string span) => langfuse.Fake.Bodies[$"{type} {request.Request.Id:N}-{span}"];

    private static List<string> Texts(JsonElement json, string name) => [.. json.ListAt(name).Select(text => text.GetString()!)];
}
