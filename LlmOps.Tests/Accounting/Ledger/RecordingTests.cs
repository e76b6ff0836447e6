using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Dapper;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>What the ledger has of requests over a socket, and GET /stats with it.</summary>
public sealed class RecordingTests : GatewayTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answer_IsRecordedBeforeItsCallerHasAllOfIt(bool streaming)
    {
        Fake.Handler = FakeOpenAI.Handler(_ => FakeAnswer.Text("Hel", "lo"));
        var journal = Journal();

        await AskAsync(streaming, "r-1");

        // Whatever is drained meanwhile: it is in the journal, or in the database.
        (journal.Depth + (await RowsAsync()).Count).ShouldBeGreaterThanOrEqualTo(1);
        var row = await RowAsync("r-1");
        ((string)row.outcome, (string)row.tenant, (string)row.subject, (string)row.endpoint).ShouldBe(("ok", "default", "local", "/v1/chat/completions"));
        ((string)row.model, (string)row.provider, (string)row.provider_model, (string)row.cache).ShouldBe(("gpt-4o", "openai", "gpt-4o", "bypass"));
        ((long)row.input_tokens, (long)row.output_tokens, (long)row.stream, (long)row.estimated).ShouldBe((19, 10, streaming ? 1 : 0, 0));
        ((long)row.cost_nano).ShouldBe(147_500);
        ((string)row.user_label, (string)row.session).ShouldBe(("ann", "s-1"));
        ((long)row.duration_us).ShouldBeGreaterThan(0);
        ((long?)row.first_chunk_us is not null).ShouldBe(streaming);
        var attempt = await DatabaseAsync(connection => connection.QuerySingleAsync("SELECT * FROM ledger_attempts"));
        ((string)attempt.id, (long)attempt.number, (string)attempt.operation, (string)attempt.provider, (string)attempt.outcome, (long)attempt.cost_nano)
            .ShouldBe(((string)row.id, 1L, "chat", "openai", "ok", 147_500L));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failure_IsRecordedByItsCode(bool streaming)
    {
        Fake.Handler = _ => FakeOpenAI.Error(500, "boom");

        await AskAsync(streaming, "r-1");

        var row = await RowAsync("r-1");
        ((string)row.outcome, (string)row.provider).ShouldBe(("provider_error", "openai"));
        (await DatabaseAsync(connection => connection.ExecuteScalarAsync<string>("SELECT outcome FROM ledger_attempts"))).ShouldBe("provider_error");
    }

    [Fact]
    public async Task RequestThatReachedNoProvider_CostsNothing()
    {
        using var body = await Gateway.CompleteAsync("{");
        using var model = await Gateway.CompleteAsync("""{"model":"made-up","messages":[{"role":"user","content":"x"}]}""");

        await Conditions.HoldsAsync(async () => (await RowsAsync()).Count == 2);
        (await RowsAsync()).ShouldBe([("invalid_json", null, 0), ("model_not_found", "made-up", 0)]);

        // Callers may make up any number of names.
        (await DatabaseAsync(connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM usage_daily"))).ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnswerFromTheCache_CountsAsARequestAndNotAsTokensOrMoney(bool streaming)
    {
        Fake.Handler = FakeOpenAI.Handler(_ => FakeAnswer.Text("Hello"));

        await AskAsync(streaming, "r-1", "exact");
        await AskAsync(streaming, "r-2", "exact");

        var row = await RowAsync("r-2");
        ((string)row.outcome, (string)row.cache, (long)row.cost_nano, (long)row.saved_nano).ShouldBe(("ok", "hit-memory", 0, 147_500));
        ((long?)row.input_tokens, (long?)row.output_tokens).ShouldBe((null, null));
        (await DatabaseAsync(connection => connection.QuerySingleAsync<(long, long, long, long)>(
            "SELECT SUM(requests), SUM(cache_hits), SUM(input_tokens), SUM(cost_nano) FROM usage_daily"))).ShouldBe((2, 1, 19, 147_500));
    }

    [Fact]
    public async Task RequestThatALimitHasRefused_IsCountedButNotRecorded()
    {
        Fake.Handler = FakeOpenAI.Handler(_ => FakeAnswer.Text("Hello"));
        await AskAsync(streaming: false, "r-1");
        var accounting = Gateway.Services.GetRequiredService<RequestAccounting>();
        var refused = Refused();

        accounting.Close(refused);
        await AskAsync(streaming: false, "r-2");

        await RowAsync("r-2");
        (await RowsAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task RequestThatALimitHasRefusedAfterItBegan_IsRecorded()
    {
        await Gateway.Http.GetAsync("/alive");
        var refused = Refused();
        Gateway.Services.GetRequiredService<UsageLedger>().Begin(LedgerEntry.Of(refused, TimeSpan.Zero));

        Gateway.Services.GetRequiredService<RequestAccounting>().Close(refused);

        ((string)(await RowAsync("refused")).outcome).ShouldBe("rate_limit_exceeded");
    }

    [Fact]
    public async Task Stats_AreOfThisProcess()
    {
        Fake.Handler = FakeOpenAI.Handler(_ => FakeAnswer.Text("Hello"));
        await AskAsync(streaming: false, "r-1");
        await AskAsync(streaming: true, "r-2", "exact");
        await AskAsync(streaming: false, "r-3", "exact");
        Fake.Handler = _ => FakeOpenAI.Error(500, "boom");
        await AskAsync(streaming: false, "r-4");

        await Conditions.HoldsAsync(async () => (await StatsAsync()).GetProperty("requests").GetInt64() == 4);
        var stats = await StatsAsync();
        stats.GetProperty("streams").GetInt64().ShouldBe(1);
        stats.GetProperty("in_flight").GetInt64().ShouldBe(0);
        stats.GetProperty("duration_ms").GetProperty("count").GetInt64().ShouldBe(3);
        var quantiles = new[] { "p50", "p90", "p95", "p99" }.Select(name => stats.GetProperty("duration_ms").GetProperty(name).GetDouble()).ToList();
        quantiles.ShouldBe(quantiles.Order());
        quantiles[0].ShouldBeGreaterThan(0);
        stats.GetProperty("first_chunk_ms").GetProperty("count").GetInt64().ShouldBe(1);
        stats.GetProperty("cache").GetProperty("hits").GetInt64().ShouldBe(1);
        stats.GetProperty("cache").GetProperty("hit_ratio").GetDouble().ShouldBe(0.5);
        stats.GetProperty("input_tokens").GetInt64().ShouldBe(38);
        stats.GetProperty("output_tokens").GetInt64().ShouldBe(20);
        stats.GetProperty("cost_usd").GetDecimal().ShouldBe(0.000295m);
        stats.GetProperty("errors").GetProperty("provider_error").GetInt64().ShouldBe(1);
        stats.GetProperty("attempts").GetProperty("openai").GetInt64().ShouldBe(3);
        stats.GetProperty("retries").GetInt64().ShouldBe(0);
        stats.GetProperty("limited").GetInt64().ShouldBe(0);
        stats.GetProperty("ledger").GetProperty("dropped").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task Retries_AreCounted()
    {
        Gateway.With("Gateway:Routing:MaxAttempts", "2");
        Fake.Enqueue(FakeOpenAI.Error(500, "boom"), FakeOpenAI.Reply(FakeAnswer.Text("Hello")));

        await AskAsync(streaming: false, "r-1");

        await Conditions.HoldsAsync(async () => (await StatsAsync()).GetProperty("requests").GetInt64() == 1);
        (await StatsAsync()).GetProperty("retries").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task JournalThatCannotBeWritten_FailsNoRequestAndShows()
    {
        var folder = Directory.CreateTempSubdirectory("llmops-test-");
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "journal"), "");
        Gateway.With("Gateway:Data:Folder", folder.FullName);
        Fake.Handler = FakeOpenAI.Handler(_ => FakeAnswer.Text("Hello"));

        (await AskAsync(streaming: false, "r-1")).ShouldBe(HttpStatusCode.OK);

        await RowAsync("r-1");
        (await StatsAsync()).GetProperty("ledger").GetProperty("not_durable").GetInt64().ShouldBe(1);
        var health = JsonElement.Parse(await Gateway.Http.GetStringAsync("/health"));
        health.GetProperty("status").GetString().ShouldBe("degraded");
        health.GetProperty("dependencies").GetProperty("ledger").GetProperty("description").GetString()!.ShouldContain("cannot be written");
    }

    private Journal Journal()
    {
        _ = Gateway.Http;
        return Gateway.Services.GetRequiredService<Journal>();
    }

    private GatewayRequest Refused() => new()
    {
        Id = Guid.CreateVersion7(),
        At = TimeProvider.System.GetUtcNow(),
        RequestId = "refused",
        Endpoint = "/v1/chat/completions",
        Family = "/v1/chat/completions",
        Principal = Principal.Local,
        Configuration = Gateway.Services.GetRequiredService<GatewayConfiguration>().Current,
        StartedAt = TimeProvider.System.GetTimestamp(),
        Timeout = TimeSpan.FromMinutes(1),
        CallerGone = default,
        Stopping = default,
        Error = ErrorCode.RateLimitExceeded,
    };

    private async Task<HttpStatusCode> AskAsync(bool streaming, string requestId, string cache = "off")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(Request(streaming), MediaTypeHeaderValue.Parse("application/json")) };
        request.Headers.Add("X-Request-ID", requestId);
        request.Headers.Add("X-LlmOps-Cache", cache);
        request.Headers.Add("X-LlmOps-User", "ann");
        request.Headers.Add("X-LlmOps-Session", "s-1");
        using var response = await Gateway.Http.SendAsync(request);
        return response.StatusCode;
    }

    private async Task<JsonElement> StatsAsync() => JsonElement.Parse(await Gateway.Http.GetStringAsync("/stats"));

    private async Task<dynamic> RowAsync(string requestId)
    {
        dynamic? row = null;
        await Conditions.HoldsAsync(async () =>
        {
            row = await DatabaseAsync(connection => connection.QuerySingleOrDefaultAsync("SELECT * FROM ledger WHERE request_id = @requestId", new { requestId }));
            return row is not null;
        });
        return row!;
    }

    private Task<List<(string Outcome, string? Model, long? Cost)>> RowsAsync() =>
        DatabaseAsync(async connection => (await connection.QueryAsync<(string, string?, long?)>("SELECT outcome, model, cost_nano FROM ledger ORDER BY outcome")).AsList());

    private Task<T> DatabaseAsync<T>(Func<System.Data.Common.DbConnection, Task<T>> read) => Gateway.Services.GetRequiredService<IDatabase>().ReadAsync(read);
}
