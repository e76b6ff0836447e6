using System.Text.Json;
using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Kafka;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Telemetry.Kafka;

/// <summary>The sink against a REST proxy that enforces its contract; over real sockets.</summary>
public sealed class KafkaSinkTests : IAsyncLifetime
{
    private const string Requests = "llm-requests";
    private const string Metrics = "llm-metrics";
    private const string Errors = "llm-errors";

    private readonly FakeServer _server;
    private readonly TelemetryOptions _options;
    private FakeKafkaRest _kafka = new(Requests, Metrics, Errors);
    private KafkaSink? _sink;

    public KafkaSinkTests()
    {
        _server = new FakeServer(request => _kafka.Answer(request));
        _options = new TelemetryOptions { Kafka = { Enabled = true, RestUrl = _server.BaseAddress } };
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _sink?.Dispose();
        await _server.DisposeAsync();
        _server.Faults.ShouldBeEmpty();
    }

    [Fact]
    public void NotEnabled_ThereIsNoSink() => KafkaSink.Create(new TelemetryOptions { Kafka = { RestUrl = _server.BaseAddress } }).ShouldBeNull();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_IsInTheTopicOfRequests_AsAWhole(bool streaming)
    {
        RequestTrace[] requests = [MoreTraces.Answered(1, streaming, MoreTraces.Content), MoreTraces.Cached(2, "hit-semantic", streaming)];

        var reply = await SendAsync(requests);

        (reply.Rejected, reply.Reason, reply.Again.Count).ShouldBe((0, null, 0));
        var records = _kafka.Records(Requests);
        records.Select(record => record.Key).ShouldBe(requests.Select(request => request.EventId.ToString()));
        foreach (var (record, request) in records.Zip(requests))
        {
            record.Value.GetProperty("event_id").GetGuid().ShouldBe(request.EventId);
            record.Value.GetRawText().ShouldBe(System.Text.Encoding.UTF8.GetString(TelemetryJson.Write(request)));
        }

        records[0].Value.GetProperty("content").GetProperty("answer").GetString().ShouldBe(MoreTraces.Content.Answer);
        records[1].Value.TryGetProperty("content", out _).ShouldBeFalse();
        _kafka.Records(Errors).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "\"first_chunk_ms\":250,")]
    public async Task Numbers_AreInTheTopicOfMetrics_EveryField(bool streaming, string first)
    {
        await SendAsync(MoreTraces.Answered(1, streaming));

        ShouldBeJson(_kafka.Records(Metrics).ShouldHaveSingleItem().Value, $$"""
            {"event_id":"00000001-0000-7000-8000-000000000001","request_id":"label-1","time":"2026-11-27T10:00:01+00:00","tenant":"acme","endpoint":"/v1/chat/completions","model":"fast",
            "provider":"groq","provider_model":"llama","prompt":"greeting","prompt_version":"v2","experiment":"tone","variant":"b","stream":{{(streaming ? "true" : "false")}},"outcome":"ok","status":200,
            "cache":"miss","latency_ms":500,{{first}}"model_ms":400,"attempts":2,"input_tokens":12,"output_tokens":30,"total_tokens":42,"cost_usd":0.123456789,"estimated":{{(streaming ? "true" : "false")}}}
            """);
    }

    [Fact]
    public async Task NumbersOfACachedAnswer_HaveNoTokens()
    {
        await SendAsync(MoreTraces.Cached(2, "hit-semantic"));

        ShouldBeJson(_kafka.Records(Metrics).ShouldHaveSingleItem().Value, """
            {"event_id":"00000002-0000-7000-8000-000000000001","request_id":"label-2","time":"2026-11-27T10:00:02+00:00","tenant":"acme","endpoint":"/v1/chat/completions","model":"fast",
            "prompt":"greeting","prompt_version":"v2","experiment":"tone","variant":"b","stream":false,"outcome":"ok","status":200,
            "cache":"hit-semantic","similarity":0.97,"latency_ms":20,"attempts":0,"cost_usd":0,"estimated":false,"saved_usd":0.005}
            """);
    }

    [Fact]
    public async Task Failure_IsInTheTopicOfErrors_EveryField()
    {
        await SendAsync(MoreTraces.Answered(1), MoreTraces.Failed(2));

        var record = _kafka.Records(Errors).ShouldHaveSingleItem();
        record.Key.ShouldBe("00000002-0000-7000-8000-000000000001");
        ShouldBeJson(record.Value, """
            {"event_id":"00000002-0000-7000-8000-000000000001","request_id":"label-2","time":"2026-11-27T10:00:02+00:00","tenant":"acme","endpoint":"/v1/chat/completions","model":"fast",
            "code":"upstream_error","status":502,"reason":"The provider broke off.","attempts":[{"provider":"openai","model":"gpt-4o","outcome":"upstream_error"}]}
            """);
        _kafka.Records(Metrics)[1].Value.TryGetProperty("cost_usd", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RecordsThatAreNotTaken_AreRejectedOrSentAgain_AsTheProxySays(bool brief)
    {
        RequestTrace[] requests = [MoreTraces.Answered(1), MoreTraces.Answered(2), MoreTraces.Answered(3), MoreTraces.Answered(4)];
        _kafka.IsBrief = brief;
        _kafka.Fault = (topic, record) => (topic, record.GetProperty("key").GetString()![..8]) switch
        {
            (Requests, "00000002") => 1,
            (Metrics, "00000003") => 2,
            (Requests, "00000004") => 1,
            (Metrics, "00000004") => 2,
            _ => null,
        };

        var reply = await SendAsync(requests);

        reply.Rejected.ShouldBe(1);
        reply.Reason.ShouldBe("llm-requests: failed with 1");
        reply.Again.ShouldBe([requests[2], requests[3]]);
        _kafka.Records(Metrics).Select(record => record.Key[..8]).ShouldBe(["00000001", "00000002"]);
    }

    [Fact]
    public async Task TopicThatIsNotThere_GetsThemOnceItIsMade()
    {
        _options.Kafka.MetricsTopic = "numbers";

        (await Should.ThrowAsync<SinkException>(() => SendAsync(MoreTraces.Answered(1)))).Message.ShouldContain("kafka has no topic numbers");
        _kafka.Make("numbers");
        await SendAsync(MoreTraces.Answered(1));

        _kafka.Records("numbers").Count.ShouldBe(1);
        _kafka.Records(Requests).Select(record => record.Key).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task RefusedBody_IsABatchThatIsRefused()
    {
        _server.Enqueue(FakeReply.Json(422, """{"error_code":42203,"message":"Conversion of JSON failed"}"""));

        (await Should.ThrowAsync<BatchRefusedException>(() => SendAsync(MoreTraces.Answered(1)))).Message.ShouldContain("42203");
    }

    [Theory]
    [InlineData("<html>", "does not answer as a REST proxy: <html>")]
    [InlineData("{}", "does not answer as a REST proxy: {}")]
    [InlineData("""{"offsets":[]}""", "answers for 0 records of 1")]
    public async Task AnswerThatIsNoProxys_KeepsTheEvents(string body, string told)
    {
        _server.Enqueue(FakeReply.Json(200, body));

        (await Should.ThrowAsync<SinkException>(() => SendAsync(MoreTraces.Answered(1)))).Message.ShouldContain(told);
    }

    [Fact]
    public async Task Credentials_AreSentAsBasic()
    {
        _kafka = new FakeKafkaRest(Requests, Metrics, Errors) { Authorization = "Basic " + Convert.ToBase64String("ann:pw"u8) };
        (_options.Kafka.Username, _options.Kafka.Password) = ("ann", new("pw"));

        await SendAsync(MoreTraces.Answered(1));

        _kafka.Records(Requests).Count.ShouldBe(1);
    }

    [Fact]
    public void Scores_AreNothingToIt()
    {
        _sink = KafkaSink.Create(_options)!;

        _sink.Takes(new ScoreGiven { Id = Guid.Empty, RequestId = Guid.Empty, At = MoreTraces.Start, Name = "stars", Value = 4, Source = ScoreGiven.Feedback }).ShouldBeFalse();
        _sink.Takes(MoreTraces.Failed(1)).ShouldBeTrue();
    }

    private Task<SinkReply> SendAsync(params RequestTrace[] requests) => (_sink ??= KafkaSink.Create(_options)!).SendAsync(requests, CancellationToken.None);

    private static void ShouldBeJson(JsonElement value, string expected) => JsonElement.DeepEquals(value, JsonDocument.Parse(expected).RootElement).ShouldBeTrue(value.GetRawText());
}
