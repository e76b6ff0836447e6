using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Telemetry.MLflow;

public sealed class MLflowMetricsTests : MLflowTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requests_AreOneStep_WithEveryMetric(bool streaming)
    {
        var reply = await SendAsync(
            Sink(), MoreTraces.Answered(1, streaming), MoreTraces.Cached(2, "hit-memory", streaming), MoreTraces.Cached(3, "hit-redis", streaming), MoreTraces.Cached(4, "coalesced", streaming),
            MoreTraces.Cached(5, "hit-semantic", streaming), MoreTraces.Failed(6));

        reply.ShouldBe(SinkReply.Taken);
        var expected = new Dictionary<string, decimal>
        {
            ["requests"] = 6,
            ["errors"] = 1,
            ["attempts"] = 3,
            ["success_rate"] = 5m / 6,
            ["latency_total_ms"] = 640m / 6,
            ["latency_cache_ms"] = 20,
            ["latency_model_ms"] = 440m / 3,
            ["input_tokens"] = 12,
            ["output_tokens"] = 30,
            ["total_tokens"] = 42,
            ["cost_usd"] = 0.123456789m,
            ["exact_hit_ratio"] = 0.6m,
            ["semantic_hit_ratio"] = 0.2m,
        };
        if (streaming)
        {
            expected["time_to_first_chunk_ms"] = 310m / 5;
        }

        var told = Run.At(0);
        told.Keys.ShouldBe(expected.Keys, ignoreOrder: true);
        foreach (var (key, value) in expected)
        {
            told[key].ShouldBe(value, 0.0000000001m, key);
        }

        Run.Metrics.Select(metric => metric.Timestamp).Distinct().ShouldBe([MoreTraces.Start.AddSeconds(6).ToUnixTimeMilliseconds()]);
    }

    [Fact]
    public async Task MetricWithoutAValue_IsAbsent()
    {
        await SendAsync(Sink(), MoreTraces.Failed(1));

        Run.At(0).Keys.ShouldBe(["requests", "errors", "attempts", "success_rate", "latency_total_ms", "latency_model_ms"], ignoreOrder: true);
    }

    [Fact]
    public async Task SumsOverAllSteps_AreTheLedgers()
    {
        var sink = Sink();
        RequestTrace[][] batches = [[MoreTraces.Answered(1), MoreTraces.Cached(2, "hit-memory")], [MoreTraces.Answered(3, streaming: true)], [MoreTraces.Failed(4), MoreTraces.Answered(5)]];

        foreach (var batch in batches)
        {
            await SendAsync(sink, batch);
        }

        var ledger = batches.SelectMany(batch => batch).Select(trace => trace.Request).ToList();
        Run.Sum("cost_usd").ShouldBe(ledger.Sum(row => row.Cost?.Dollars ?? 0));
        Run.Sum("input_tokens").ShouldBe(ledger.Sum(row => row.InputTokens ?? 0));
        Run.Sum("output_tokens").ShouldBe(ledger.Sum(row => row.OutputTokens ?? 0));
        Run.Sum("requests").ShouldBe(ledger.Count);
        Run.Metrics.Select(metric => metric.Step).Distinct().ShouldBe([0, 1, 2]);
    }

    [Fact]
    public async Task LostAnswer_SentAgainWithOthers_CountsEachOnce()
    {
        var (sink, losses) = (Sink(), 2);
        LoseAnswers(request => request.BodyText.Contains("\"metrics\"", StringComparison.Ordinal) && losses-- > 0);

        await Should.ThrowAsync<SinkException>(() => SendAsync(sink, MoreTraces.Answered(1), MoreTraces.Answered(2)));
        await Should.ThrowAsync<SinkException>(() => SendAsync(sink, MoreTraces.Answered(1), MoreTraces.Answered(2), MoreTraces.Answered(3)));
        await SendAsync(sink, MoreTraces.Answered(1), MoreTraces.Answered(2), MoreTraces.Answered(3));

        Run.Sum("requests").ShouldBe(3);
        Run.Sum("cost_usd").ShouldBe(3 * 0.123456789m);
    }

    [Fact]
    public async Task LostAnswers_FirstOfSome_ThenOfThoseThatCameToThem_CountEachOnce()
    {
        var (sink, calls) = (Sink(), 0);

        // The second call is the first one's repetition, which is answered.
        LoseAnswers(request => request.BodyText.Contains("\"metrics\"", StringComparison.Ordinal) && ++calls is 1 or 3);

        await Should.ThrowAsync<SinkException>(() => SendAsync(sink, MoreTraces.Answered(1), MoreTraces.Answered(2)));
        await Should.ThrowAsync<SinkException>(() => SendAsync(sink, MoreTraces.Answered(1), MoreTraces.Answered(2), MoreTraces.Answered(3)));
        await SendAsync(sink, MoreTraces.Answered(1), MoreTraces.Answered(2), MoreTraces.Answered(3));

        Run.Sum("requests").ShouldBe(3);
    }

    [Fact]
    public async Task ServerThatIsBusy_TakesThemLater()
    {
        var sink = Sink();
        Server.Enqueue(FakeReply.Text(503, "text/plain", "busy", ("Retry-After", "7")));

        (await Should.ThrowAsync<SinkException>(() => SendAsync(sink, MoreTraces.Answered(1)))).RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        await SendAsync(sink, MoreTraces.Answered(1));

        Run.Sum("requests").ShouldBe(1);
    }

    [Fact]
    public async Task MetricsThatAreRefused_AreABatchThatIsRefused()
    {
        var sink = Sink();
        await SendAsync(sink, MoreTraces.Answered(1));
        Server.Handler = request => request.Path.EndsWith("log-batch", StringComparison.Ordinal)
            ? FakeReply.Json(400, """{"error_code":"INVALID_PARAMETER_VALUE","message":"no such value"}""") : Fake.Answer(request);

        (await Should.ThrowAsync<BatchRefusedException>(() => SendAsync(sink, MoreTraces.Answered(2)))).Message.ShouldContain("no such value");
    }
}
