using System.Text.Json;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Telemetry.MLflow;

public sealed class MLflowTracesTests : MLflowTests
{
    private const string Messages = """{"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Gr\u00F6\u00DFe?"}]}""";

    private const string Line = """
        {"id":"00000002-0000-7000-8000-000000000001","request_id":"label-2","time":"2026-11-27T10:00:02+00:00","model":"fast","prompt":"greeting","prompt_version":"v2","outcome":"ok",
        "messages":[{"role":"system","text":"Be brief."},{"role":"user","text":"Größe?"}],"answer":"1,80 m 🌈"}
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_IsATrace_WithEveryField(bool streaming)
    {
        var trace = MoreTraces.Answered(1, streaming, MoreTraces.Content);

        await SendAsync(Sink(), trace);

        Fake.Spans.Select(each => each.Experiment).Distinct().ShouldBe(["1"]);
        var spans = Fake.Spans.Select(each => each.Span).ToList();
        spans.Select(span => span.TraceId).Distinct().ShouldBe([trace.EventId.ToString("N")]);
        spans.Select(span => (span.SpanId[^2..], span.ParentId?[^2..], span.Name, span.Kind, span.Status)).ShouldBe(
        [
            ("a1", null, "POST /v1/chat/completions", 2, 0), ("a2", "a1", "cache exact", 1, 0), ("a3", "a1", "chat gpt-4o", 3, 2), ("a4", "a1", "chat llama", 3, 0),
        ]);
        spans[0].Resource.ShouldBe(new Dictionary<string, object> { ["service.name"] = "llmops-gateway", ["service.version"] = "1.2.3" }, ignoreOrder: true);
        spans[3].Start.ShouldBe((ulong)MoreTraces.Start.AddSeconds(1).AddMilliseconds(10).ToUnixTimeMilliseconds() * 1_000_000);
        (spans[3].End - spans[3].Start).ShouldBe(300_000_000UL);
        ShouldHave(spans[0], ("llmops.tenant", "acme"), ("mlflow.spanType", "CHAIN"), ("user.id", "u-1"), ("session.id", "s-1"), ("mlflow.spanInputs", Messages), ("mlflow.spanOutputs", "\"1,80 m \\uD83C\\uDF08\""));
        ShouldHave(spans[1], ("llmops.cache.outcome", "miss"), ("mlflow.spanType", "RETRIEVER"));
        ShouldHave(spans[2], [.. Call("gpt-4o"), ("mlflow.llm.cost", """{"total_cost":0}""")]);
        ShouldHave(
            spans[3],
            [
                .. Call("llama"), ("mlflow.llm.cost", """{"total_cost":0.123456789}"""), ("mlflow.chat.tokenUsage", """{"input_tokens":12,"output_tokens":30,"total_tokens":42}"""),
                ("mlflow.spanInputs", Messages), ("mlflow.spanOutputs", "\"1,80 m \\uD83C\\uDF08\""),
            ]);
    }

    [Fact]
    public async Task WithoutCapture_NothingIsToldOfWhatWasSaid()
    {
        await SendAsync(Sink(), MoreTraces.Answered(1), MoreTraces.Cached(2, "hit-memory"));

        Fake.Spans.SelectMany(each => each.Span.Attributes.Keys).ShouldNotContain(name => name == "mlflow.spanInputs" || name == "mlflow.spanOutputs");
        Fake.Artifacts.ShouldBeEmpty();
    }

    [Fact]
    public async Task SentTwice_IsThereOnce()
    {
        var sink = Sink();

        await SendAsync(sink, MoreTraces.Answered(1));
        await SendAsync(Sink(), MoreTraces.Answered(1));

        Fake.Spans.Count.ShouldBe(4);
    }

    [Theory]
    [InlineData("3.5.1", false)]
    [InlineData("2.22.0", false)]
    [InlineData("3.7.0", true)]
    public async Task ServerWithoutTraces_GetsMetrics_AndThatIsSaidOnce(string version, bool storesInFiles)
    {
        (Fake.Version, Fake.StoresInFiles) = (version, storesInFiles);
        var sink = Sink();

        await SendAsync(sink, MoreTraces.Answered(1));
        await SendAsync(sink, MoreTraces.Answered(2));

        Run.Sum("requests").ShouldBe(2);
        Server.Requests.Count(request => request.Path == "/v1/traces").ShouldBe(storesInFiles ? 1 : 0);
        Logs.All.Count(log => log.Message.StartsWith("MLflow has no place for traces", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task ServerThatWasAway_IsAskedAgainForItsVersion()
    {
        Fake.Version = "3.5.1";
        var sink = Sink();
        await SendAsync(sink, MoreTraces.Answered(1));
        Server.Enqueue(FakeReply.Text(502, "text/plain", "restarting"));
        await Should.ThrowAsync<SinkException>(() => SendAsync(sink, MoreTraces.Answered(2)));
        Fake.Version = "3.10.0";

        await SendAsync(sink, MoreTraces.Answered(2));

        Fake.Spans.Count.ShouldBe(4);
    }

    [Fact]
    public async Task ServerForWhichAnotherAnswersForAMoment_LosesNoSpans()
    {
        Server.Handler = request => request.Path == "/version" ? FakeReply.Text(200, "text/html", "<html>Back in a minute.</html>") : Fake.Answer(request);

        await SendAsync(Sink(), MoreTraces.Answered(1));

        Fake.Spans.Count.ShouldBe(4);
    }

    [Fact]
    public async Task RefusedTrace_IsSentAlone_AndItsNumbersCountAllTheSame()
    {
        var sink = Sink();
        var bad = MoreTraces.Answered(2);
        Fake.RefusesSpan = span => span.TraceId == bad.EventId.ToString("N");

        await Should.ThrowAsync<BatchRefusedException>(() => SendAsync(sink, MoreTraces.Answered(1), bad));
        Fake.Runs.Sum(run => run.Sum("requests")).ShouldBe(0);
        var good = await SendAsync(sink, MoreTraces.Answered(1));
        var refused = await SendAsync(sink, bad);

        (good.Rejected, refused.Rejected, refused.Again.Count).ShouldBe((0, 1, 0));
        refused.Reason!.ShouldContain("422");
        Run.Sum("requests").ShouldBe(2);
    }

    [Fact]
    public async Task CapturedContent_IsAnArtifact_WrittenOverWhereItIsSentAgain()
    {
        var sink = Sink();
        RequestTrace[] requests = [MoreTraces.Answered(1), MoreTraces.Answered(2, content: MoreTraces.Content), MoreTraces.Answered(3, content: MoreTraces.Content with { Answer = null })];

        await SendAsync(sink, requests);
        await SendAsync(sink, requests);

        var (path, text) = Fake.Artifacts.ShouldHaveSingleItem();
        path.ShouldBe($"1/{Run.Id}/artifacts/requests/20261127T100002000Z-{requests[1].EventId:N}.jsonl");
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2);
        JsonElement.DeepEquals(JsonDocument.Parse(lines[0]).RootElement, JsonDocument.Parse(Line).RootElement).ShouldBeTrue(lines[0]);
        lines[1].ShouldNotContain("answer");
    }

    [Theory]
    [InlineData("s3://bucket/", true)]
    [InlineData("mlflow-artifacts:/", false)]
    public async Task ArtifactsThatTheServerDoesNotKeep_AreLeftOut_AndThatIsSaidOnce(string root, bool serves)
    {
        (Fake.ArtifactRoot, Fake.ServesArtifacts) = (root, serves);
        var sink = Sink();

        await SendAsync(sink, MoreTraces.Answered(1, content: MoreTraces.Content));
        await SendAsync(sink, MoreTraces.Answered(2, content: MoreTraces.Content));

        Fake.Artifacts.ShouldBeEmpty();
        Run.Sum("requests").ShouldBe(2);
        Logs.All.Count(log => log.Message.Contains("prompts and answers are not kept there", StringComparison.Ordinal)).ShouldBe(1);
    }

    private static (string, object)[] Call(string model) =>
    [
        ("gen_ai.operation.name", "chat"), ("gen_ai.request.model", model), ("gen_ai.response.finish_reasons", new[] { "stop" }), ("gen_ai.request.temperature", 0.5), ("mlflow.spanType", "CHAT_MODEL"),
    ];

    private static void ShouldHave(DecodedSpan span, params (string Name, object Value)[] attributes)
    {
        span.Attributes.Keys.ShouldBe(attributes.Select(attribute => attribute.Name), ignoreOrder: true);
        foreach (var (name, value) in attributes)
        {
            span.Attributes[name].ShouldBe(value, name);
        }
    }
}
