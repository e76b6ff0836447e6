using System.Net;
using System.Text.Json;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Prompts.Feedback;
using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Tests.Access;
using LlmOps.Tests.Accounting.Ledger;
using LlmOps.Tests.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Endpoints;

/// <summary>GET /admin/traces, over what the sink has written.</summary>
public sealed class AdminTracesTests : GatewayTests
{
    [Fact]
    public async Task List_IsNewestFirstWithItsHeads()
    {
        var newest = StoredTraces.Of(Entries.Full with { Experiment = "shorter", Id = Guid.CreateVersion7(Entries.At.AddSeconds(1)) });
        await StoreAsync(StoredTraces.Of("older"), newest);

        var list = await GetAsync("");

        list.GetProperty("has_more").GetBoolean().ShouldBeFalse();
        list.GetProperty("next").ValueKind.ShouldBe(JsonValueKind.Null);
        var heads = list.GetProperty("data").EnumerateArray().ToList();
        heads.Select(head => head.GetProperty("request_id").GetString()).ShouldBe(["r-1", "older"]);
        var head = heads[0];
        head.GetProperty("id").GetString().ShouldBe(newest.EventId.ToString());
        head.GetProperty("at").GetDateTimeOffset().ShouldBe(Entries.At);
        new[] { "tenant", "model", "prompt", "prompt_version", "variant", "experiment", "outcome", "cache" }.Select(name => head.GetProperty(name).GetString())
            .ShouldBe(["acme", "gpt-4o", "summarizer", "2", "b", "shorter", "ok", "miss"]);
        (head.GetProperty("status").GetInt32(), head.GetProperty("cost_usd").GetDecimal(), head.GetProperty("duration_ms").GetDouble()).ShouldBe((200, 0.00015m, 12.345));
        (head.GetProperty("input_tokens").GetInt64(), head.GetProperty("output_tokens").GetInt64()).ShouldBe((20, 10));
    }

    [Theory]
    [InlineData("tenant=globex", "b")]
    [InlineData("model=llama3.2", "c")]
    [InlineData("prompt=summarizer&version=2&variant=b", "r-1")]
    [InlineData("experiment=shorter", "")]
    [InlineData("outcome=provider_error", "d")]
    [InlineData("status=error", "d")]
    [InlineData("status=502", "d")]
    [InlineData("status=ok&tenant=acme&prompt=summarizer", "r-1")]
    [InlineData("min_cost_usd=0.5&max_cost_usd=1", "c")]
    [InlineData("min_latency_ms=99.5&max_latency_ms=99.5", "b")]
    [InlineData("request_id=c", "c")]
    [InlineData("from=2026-03-14T15:09:27Z&until=2026-03-14T15:09:29", "c b")]
    [InlineData("from=2026-03-15", "")]
    public async Task Parameters_ChooseTraces(string query, string expected)
    {
        await StoreAsync(
            StoredTraces.Of(Entries.Full),
            StoredTraces.Of(Entries.Of("b", Entries.At.AddSeconds(1)) with { Tenant = "globex", DurationMs = 99.5 }),
            StoredTraces.Of(Entries.Of("c", Entries.At.AddSeconds(2)) with { Model = "llama3.2", Cost = new NanoUsd(500_000_000) }),
            StoredTraces.Of(Entries.Of("d", Entries.At.AddSeconds(3)) with { Outcome = "provider_error" }));

        var list = await GetAsync("?" + query);

        string.Join(' ', list.GetProperty("data").EnumerateArray().Select(head => head.GetProperty("request_id").GetString())).ShouldBe(expected);
    }

    [Fact]
    public async Task Pages_FollowEachOther()
    {
        await StoreAsync([.. Enumerable.Range(0, 5).Select(number => StoredTraces.Of($"{number}", Entries.At.AddSeconds(number)))]);

        var first = await GetAsync("?limit=3");
        var second = await GetAsync($"?limit=3&after={first.GetProperty("next").GetString()}");

        first.GetProperty("has_more").GetBoolean().ShouldBeTrue();
        first.GetProperty("data").EnumerateArray().Concat(second.GetProperty("data").EnumerateArray()).Select(head => head.GetProperty("request_id").GetString()).ShouldBe(["4", "3", "2", "1", "0"]);
        second.GetProperty("has_more").GetBoolean().ShouldBeFalse();
    }

    [Theory]
    [InlineData("from=yesterday", "from", "expected a time such as")]
    [InlineData("from=2026-03-02&until=2026-03-01", "from", "after until")]
    [InlineData("status=broken", "status", "expected ok, error, or an HTTP status")]
    [InlineData("status=42", "status", "expected ok, error, or an HTTP status")]
    [InlineData("min_cost_usd=-1", "min_cost_usd", "expected a number from 0")]
    [InlineData("min_cost_usd=2&max_cost_usd=1", "min_cost_usd", "more than max_cost_usd")]
    [InlineData("max_latency_ms=1e3", "max_latency_ms", "expected a number from 0")]
    [InlineData("min_latency_ms=2&max_latency_ms=1", "min_latency_ms", "more than max_latency_ms")]
    [InlineData("limit=0", "limit", "from 1 to 1000")]
    [InlineData("after=1", "after", "expected next of the page before")]
    [InlineData("tenant=a&tenant=b", "tenant", "given twice")]
    [InlineData("tenant=%00", "tenant", "is empty")]
    [InlineData("team=blue", "team", "is not a parameter; expected one of from, until")]
    public async Task BadParameter_IsNamed(string query, string field, string message)
    {
        var body = await Gateway.AdministerAsync("GET", $"/admin/traces?{query}", expected: HttpStatusCode.BadRequest);

        var error = body.GetProperty("error");
        (error.GetProperty("error_code").GetString(), error.GetProperty("field").GetString()).ShouldBe(("INVALID_VALUE", field));
        error.GetProperty("message").GetString()!.ShouldContain(message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Trace_IsToldWithWhyAndWhatWasSaidOfIt(bool byId)
    {
        var entry = Entries.Full with { Saved = null, ProviderModel = "gpt-4o" };
        var trace = StoredTraces.Of(entry) with
        {
            Semantic = new TraceSimilarity("on", 0.91, "numbers"),
            Spans =
            [
                StoredTraces.Root(entry),
                StoredTraces.Call(entry, new LedgerAttempt("chat", "groq", "llama", "provider_timeout", null, null, null, IsEstimated: false, 250.125)),
                StoredTraces.Call(entry, new LedgerAttempt("chat", "openai", "gpt-4o", "ok", 20, 10, new NanoUsd(150_000), IsEstimated: true, 12)) with { StartedAt = Entries.At.AddMilliseconds(260), FirstChunkAt = Entries.At.AddMilliseconds(265) },
            ],
            Content = new TraceContent([new TraceMessage("user", "Hi")], "Hello"),
        };
        await StoreAsync(trace, StoredTraces.Score(trace, 0.5, comment: "so so"));
        await Gateway.Services.GetRequiredService<IDatabase>().WriteAsync(async connection =>
        {
            await FeedbackTable.SetAsync(connection, trace.EventId.ToString(), "score", 1, "good", Entries.At.AddMinutes(1));
            return true;
        });

        var found = await GetAsync(byId ? $"/{trace.EventId}" : "/r-1");

        found.GetProperty("id").GetString().ShouldBe(trace.EventId.ToString());
        found.GetProperty("why").EnumerateArray().Select(sentence => sentence.GetString()).ShouldBe(
        [
            "The answer came from openai/gpt-4o, in 12 ms.",
            "It was made from prompt summarizer, version 2.",
            "The nearest earlier question was not used: numbers differ (0.91).",
            "Provider groq failed with provider_timeout after 250 ms; the next target, openai, answered.",
            "It cost $0.00015, all 2 calls together, a part of which is estimated: 20 input and 10 output tokens.",
        ]);
        found.GetProperty("parameters").GetProperty("max_tokens").GetInt32().ShouldBe(100);
        found.GetProperty("semantic").GetProperty("refusal").GetString().ShouldBe("numbers");
        found.GetProperty("content").GetProperty("answer").GetString().ShouldBe("Hello");
        var spans = found.GetProperty("spans").EnumerateArray().ToList();
        spans.Select(span => span.GetProperty("start_ms").GetDouble()).ShouldBe([0, 0, 260]);
        spans[2].GetProperty("first_chunk_ms").GetDouble().ShouldBe(265);
        spans[2].GetProperty("call").GetProperty("cost_usd").GetDecimal().ShouldBe(0.00015m);
        spans[2].GetProperty("attributes").GetProperty("gen_ai.request.stop_sequences")[0].GetString().ShouldBe("END");
        var feedback = found.GetProperty("feedback").EnumerateArray().Single();
        (feedback.GetProperty("name").GetString(), feedback.GetProperty("source").GetString(), feedback.GetProperty("value").GetDouble(), feedback.GetProperty("comment").GetString()).ShouldBe(("score", "feedback", 1, "good"));
        var score = found.GetProperty("scores").EnumerateArray().Single();
        (score.GetProperty("name").GetString(), score.GetProperty("source").GetString(), score.GetProperty("value").GetDouble(), score.GetProperty("comment").GetString()).ShouldBe(("helpful", "judge", 0.5, "so so"));
    }

    [Theory]
    [InlineData("true", "Traces are kept for 7 days, the newest 1024 MB of them")]
    [InlineData("false", "traces are not kept (Gateway:Telemetry:Traces:Enabled)")]
    public async Task UnknownTrace_IsNotFoundAndSaysHowLongTheyAreKept(string enabled, string message)
    {
        Gateway.With("Gateway:Telemetry:Traces:Enabled", enabled);

        var body = await Gateway.AdministerAsync("GET", "/admin/traces/nobody", expected: HttpStatusCode.NotFound);

        body.GetProperty("error").GetProperty("message").GetString()!.ShouldContain(message);
    }

    [Theory]
    [InlineData("/admin/traces")]
    [InlineData("/admin/traces/r-1")]
    public async Task DatabaseThatFails_IsTold(string path)
    {
        using var records = new SqliteDatabase(null, TimeProvider.System);
        var database = new FailingDatabase(records);
        Gateway.WithServices(services => services.AddSingleton<IDatabase>(database));
        _ = Gateway.Http;
        database.IsAway = true;

        var body = await Gateway.AdministerAsync("GET", path, expected: HttpStatusCode.ServiceUnavailable);

        body.GetProperty("error").GetProperty("error_code").GetString().ShouldBe("DATABASE_UNAVAILABLE");
    }

    // Of a time that retention has long forgotten, unless it is told not to.
    private async Task StoreAsync(params TelemetryEvent[] events)
    {
        Gateway.With("Gateway:Telemetry:Traces:Retention", "3650.00:00:00");
        _ = Gateway.Http;
        await StoredTraces.SendAsync(Gateway.Services.GetRequiredService<IDatabase>(), events);
    }

    private Task<JsonElement> GetAsync(string rest) => Gateway.AdministerAsync("GET", "/admin/traces" + rest);
}
