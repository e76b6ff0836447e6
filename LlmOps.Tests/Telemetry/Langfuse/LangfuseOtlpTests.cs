using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Telemetry.Langfuse;

/// <summary>Langfuse from 3.22 on, which takes traces by OTLP.</summary>
public sealed class LangfuseOtlpTests
{
    private const string V3 = "3.22.0";
    private const string V4 = "4.16.0";
    private const string Observation = "langfuse.observation.";

    [Theory]
    [InlineData(V3)]
    [InlineData(V4)]
    public async Task EachSpan_SaysAllOfItsTrace(string version)
    {
        await using var langfuse = new TestedLangfuse(version);
        var request = SomeTraces.Answered();

        (await langfuse.SendAsync(request)).ShouldBeSameAs(SinkReply.Taken);

        langfuse.Fake.Spans.Select(span => span.SpanId).ShouldBe([SomeTraces.RootSpan, SomeTraces.GuardrailSpan, SomeTraces.FailedSpan, SomeTraces.AnsweringSpan]);
        foreach (var span in langfuse.Fake.Spans)
        {
            span.TraceId.ShouldBe(request.Request.Id.ToString("N"));
            span.Resource["service.name"].ShouldBe("llmops-gateway");
            span.Scope.ShouldBe("LlmOps.Gateway");
            span.Attributes["langfuse.trace.name"].ShouldBe("/chat");
            span.Attributes["langfuse.trace.tags"].ShouldBe(new[] { "tenant:acme", "endpoint:/chat", "model:fast", "cache:miss" });
            (span.Attributes["user.id"], span.Attributes["session.id"], span.Attributes["langfuse.environment"]).ShouldBe(("ada", "session-1", "staging"));
            var metadata = span.Attributes.Where(each => each.Key.StartsWith("langfuse.trace.metadata.", StringComparison.Ordinal)).ToDictionary(each => each.Key.Split('.')[^1], each => each.Value);
            metadata.Count.ShouldBe(33);
            (metadata["cost_usd"], metadata["input_tokens"], metadata["similarity"], metadata["stream"], metadata["request_id"]).ShouldBe(("0.0002187", 1234L, 0.91, true, "the-callers-id"));
            metadata["guardrails"].ShouldBe(new[] { "pii_email" });
            metadata["w3c_trace_id"].ShouldBe(SomeTraces.W3CTrace);
        }
    }

    [Theory]
    [InlineData(V3, true)]
    [InlineData(V4, true)]
    [InlineData(V4, false)]
    public async Task EachCall_IsAGeneration_WithTheLedgersTokensAndCost(string version, bool streaming)
    {
        await using var langfuse = new TestedLangfuse(version);

        await langfuse.SendAsync(SomeTraces.Answered(streaming) with { Content = SomeTraces.Content });

        langfuse.Fake.Spans.Select(span => span.Attributes[Observation + "type"]).ShouldBe(["span", "span", "generation", "generation"]);
        var answering = Span(langfuse, SomeTraces.AnsweringSpan);
        (answering.ParentId, answering.Name, answering.Kind, answering.Status).ShouldBe((SomeTraces.RootSpan, "chat gpt-4o-mini", 3, 0));
        (answering.Start, answering.End - answering.Start).ShouldBe(((ulong)SomeTraces.At.AddMilliseconds(60).ToUnixTimeMilliseconds() * 1_000_000, 430_000_000ul));
        var said = answering.Attributes;
        said[Observation + "usage_details"].ShouldBe("""{"input":1234,"output":56,"total":1290}""");
        said[Observation + "cost_details"].ShouldBe("""{"total":0.0002187}""");
        said[Observation + "model.name"].ShouldBe("gpt-4o-mini");
        said[Observation + "model.parameters"].ShouldBe("""{"temperature":0.7,"max_tokens":100,"top_p":0.5,"seed":7,"stop":["END"],"output_type":"json"}""");
        (said[Observation + "prompt.name"], said[Observation + "prompt.version"]).ShouldBe(("summarizer", 2L));
        said.GetValueOrDefault(Observation + "completion_start_time").ShouldBe(streaming ? "\"2026-11-20T09:30:00.37+00:00\"" : null);
        said[Observation + "output"].ShouldBe($$"""{"role":"assistant","content":"{{SomeTraces.Reply}}"}""");
        (said["llmops.provider.request_id"], said["outcome"]).ShouldBe(("req-9", "ok"));

        // What the first versions with OTLP read; of further counts they would make tokens of their own.
        said.Where(each => each.Key.StartsWith("gen_ai.usage.", StringComparison.Ordinal)).ToDictionary().ShouldBe(
            new Dictionary<string, object> { ["gen_ai.usage.input_tokens"] = 1234L, ["gen_ai.usage.output_tokens"] = 56L, ["gen_ai.usage.cost"] = 0.0002187 }, ignoreOrder: true);

        var failed = Span(langfuse, SomeTraces.FailedSpan);
        (failed.Status, failed.Message).ShouldBe((2, "rate_limited"));
        (failed.Attributes[Observation + "level"], failed.Attributes[Observation + "status_message"]).ShouldBe(("ERROR", "rate_limited"));
        failed.Attributes.Keys.ShouldNotContain(Observation + "usage_details");
        failed.Attributes.Keys.ShouldNotContain(Observation + "output");
    }

    [Fact]
    public async Task Root_HasNoParent_AndWhatWasSaid()
    {
        await using var langfuse = new TestedLangfuse(V4);

        await langfuse.SendAsync(SomeTraces.Answered() with { Content = SomeTraces.Content });

        var root = Span(langfuse, SomeTraces.RootSpan);
        (root.ParentId, root.Name, root.Kind).ShouldBe((null, "POST /chat", 2));
        ((string)root.Attributes[Observation + "input"]).ShouldStartWith("""[{"role":"system","content":"Be brief."},{"role":"user","content":"What does \"Größe""");
        root.Attributes[Observation + "output"].ShouldBe($$"""{"role":"assistant","content":"{{SomeTraces.Reply}}"}""");
    }

    [Fact]
    public async Task WhatIsNotCaptured_IsNotSent()
    {
        await using var langfuse = new TestedLangfuse(V4);

        await langfuse.SendAsync(SomeTraces.Answered());

        langfuse.Fake.Spans.SelectMany(span => span.Attributes.Keys).ShouldAllBe(name => name != Observation + "input" && name != Observation + "output");
    }

    [Fact]
    public async Task CachedAnswer_HasNoGenerationAndCostsNothing()
    {
        await using var langfuse = new TestedLangfuse(V4);

        await langfuse.SendAsync(SomeTraces.Cached());

        langfuse.Fake.Spans.Count.ShouldBe(2);
        langfuse.Fake.Spans.ShouldAllBe(span => (string)span.Attributes[Observation + "type"] == "span" && !span.Attributes.ContainsKey(Observation + "cost_details"));
        Span(langfuse, SomeTraces.RootSpan).Attributes["langfuse.trace.metadata.cache"].ShouldBe("hit-semantic");
    }

    [Fact]
    public async Task JudgesCall_HasItsCost_AndNothingOfTheQuestion()
    {
        await using var langfuse = new TestedLangfuse(V4);

        await langfuse.SendAsync(SomeTraces.Judged() with { Content = SomeTraces.Content });

        var judge = Span(langfuse, SomeTraces.JudgeSpan).Attributes;
        judge[Observation + "cost_details"].ShouldBe("""{"total":0.0002187}""");
        new[] { "input", "output", "prompt.name", "prompt.version", "model.parameters" }.ShouldAllBe(name => !judge.ContainsKey(Observation + name));
        Span(langfuse, SomeTraces.AnsweringSpan).Attributes.Keys.ShouldContain(Observation + "output");
    }

    [Fact]
    public async Task Failure_IsToldWithItsReason()
    {
        await using var langfuse = new TestedLangfuse(V4);

        await langfuse.SendAsync(SomeTraces.Failed());

        var root = Span(langfuse, SomeTraces.RootSpan);
        (root.Status, root.Attributes[Observation + "level"], root.Attributes[Observation + "status_message"]).ShouldBe((2, "ERROR", "All providers are busy."));
    }

    [Fact]
    public async Task RequestWithoutSpans_IsOne()
    {
        await using var langfuse = new TestedLangfuse(V4);
        var request = SomeTraces.Cached() with { Spans = [] };

        await langfuse.SendAsync(request);

        var root = langfuse.Fake.Spans.ShouldHaveSingleItem();
        (root.TraceId, root.ParentId, root.End - root.Start).ShouldBe((request.Request.Id.ToString("N"), null, 500_000_000ul));
    }

    [Theory]
    [InlineData(V3)]
    [InlineData(V4)]
    public async Task Scores_GoByTheIngestionApi_BeforeTheSpans(string version)
    {
        await using var langfuse = new TestedLangfuse(version);
        var request = SomeTraces.Answered();

        await langfuse.SendAsync(request, SomeTraces.Score(request));

        langfuse.Paths.ShouldBe(["health", "ingestion", "otel/v1/traces"]);
        langfuse.Server.Requests[2].Headers["x-langfuse-ingestion-version"].ToString().ShouldBe("4");
        var score = langfuse.Fake.Made("score-create").ShouldHaveSingleItem();
        (score.TextAt("traceId"), score.NumberAt("value"), score.TextAt("environment")).ShouldBe((request.Request.Id.ToString("N"), 0.5, "staging"));
        score.At("metadata").GetRawText().ShouldBe("""{"source":"feedback","prompt":"summarizer","prompt_version":"v2"}""");
        langfuse.Fake.Made("trace-create").ShouldBeEmpty();
    }

    [Fact]
    public async Task ScoreThatFails_DoesNotRepeatTheSpans()
    {
        await using var langfuse = new TestedLangfuse(V4);
        var request = SomeTraces.Cached();
        var (good, bad) = (SomeTraces.Score(request), SomeTraces.Score(request, name: "bad"));
        langfuse.Fake.Fails = each => each.At("body").TextAt("name") == "bad" ? 500 : null;

        var reply = await langfuse.SendAsync(request, bad, good);

        reply.Again.ShouldBe([bad]);
        langfuse.Fake.Spans.Count.ShouldBe(2);
    }

    [Fact]
    public async Task SpanAtFault_RefusesTheExport_AndItsOthersAreTakenWithoutIt()
    {
        await using var langfuse = new TestedLangfuse(V4);
        var (good, bad) = (SomeTraces.Cached(), SomeTraces.Answered());
        bad = bad with { Spans = [bad.Spans[0] with { Id = "0000000000000000" }] };

        (await Should.ThrowAsync<BatchRefusedException>(() => langfuse.SendAsync(good, bad))).Message.ShouldContain("Langfuse answers 400");
        langfuse.Fake.Spans.ShouldBeEmpty();
        await langfuse.SendAsync(good);
        langfuse.Fake.Spans.Count.ShouldBe(2);
    }

    private static DecodedSpan Span(TestedLangfuse langfuse, string id) => langfuse.Fake.Spans.Single(span => span.SpanId == id);
}
