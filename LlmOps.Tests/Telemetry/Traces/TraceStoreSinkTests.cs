using Dapper;
using LlmOps.Gateway.Storage;
using LlmOps.Gateway.Telemetry;
using LlmOps.Gateway.Telemetry.Delivery;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Gateway.Telemetry.Traces;
using LlmOps.Tests.Accounting.Ledger;
using LlmOps.Tests.Storage;

namespace LlmOps.Tests.Telemetry.Traces;

/// <summary>What the trace store takes, and how it fails.</summary>
public sealed class TraceStoreSinkTests(PostgresFixture postgres) : LedgerTests(postgres)
{
    [Fact]
    public void StoreThatIsOff_HasNoSink()
    {
        using var database = new SqliteDatabase(null, TimeProvider.System);

        TraceStoreSink.Create(new TelemetryOptions { Traces = new TraceStoreOptions { Enabled = false } }, database).ShouldBeNull();
    }

    [Fact]
    public void Sink_TakesTracesAndScoresThatAreNotFeedback()
    {
        using var database = new SqliteDatabase(null, TimeProvider.System);
        var sink = TraceStoreSink.Create(new TelemetryOptions(), database)!;
        var trace = StoredTraces.Of("r-1");

        sink.Name.ShouldBe("traces");
        sink.Takes(trace).ShouldBeTrue();
        sink.Takes(StoredTraces.Score(trace, 1)).ShouldBeTrue();
        sink.Takes(StoredTraces.Score(trace, 1, source: ScoreGiven.Feedback)).ShouldBeFalse();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Trace_IsFoundWithEverythingThatItHas(string name)
    {
        await UseAsync(name);
        var trace = StoredTraces.Of(Entries.Full with { Attempts = [], Budgets = [] }) with
        {
            Semantic = new TraceSimilarity("on", 0.91, "numbers"),
            Guardrails = ["email"],
            Degraded = ["redis"],
            Content = new TraceContent([new TraceMessage("user", "¿Qué? 😀\0")], "An answer."),
        };
        await StoredTraces.SendAsync(Database, trace);

        var found = await new TraceTables(Database).FindAsync(trace.EventId.ToString(), CancellationToken.None);

        TelemetryJson.Write(found!.Trace).ShouldBe(TelemetryJson.Write(trace));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task RequestId_MeansTheNewestOfIt(string name)
    {
        await UseAsync(name);
        var label = Guid.NewGuid().ToString().ToUpperInvariant();
        var (first, second) = (StoredTraces.Of(label), StoredTraces.Of(label, Entries.At.AddHours(1)));
        await StoredTraces.SendAsync(Database, second, first);
        var tables = new TraceTables(Database);

        (await tables.FindAsync(label, CancellationToken.None))!.Trace.EventId.ShouldBe(second.EventId);
        (await tables.FindAsync(first.EventId.ToString(), CancellationToken.None))!.Trace.EventId.ShouldBe(first.EventId);
        (await tables.FindAsync("another", CancellationToken.None)).ShouldBeNull();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task RepeatedBatch_IsThereOnce(string name)
    {
        await UseAsync(name);
        TelemetryEvent[] events = [StoredTraces.Of("a"), StoredTraces.Of("b")];
        await StoredTraces.SendAsync(Database, events);
        var bytes = await BytesAsync();

        await StoredTraces.SendAsync(Database, [.. events, .. events, StoredTraces.Of("c")]);

        (await CountAsync("traces")).ShouldBe(3);
        (await CountAsync("trace_details")).ShouldBe(3);
        (await BytesAsync()).ShouldBeInRange(bytes * 14 / 10, bytes * 16 / 10);
        (await BytesAsync()).ShouldBe(await Database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT SUM(size) FROM traces")));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Score_IsReplacedByALaterOneOfItsName(string name)
    {
        await UseAsync(name);
        var trace = StoredTraces.Of("r-1");
        await StoredTraces.SendAsync(Database, trace, StoredTraces.Score(trace, 0.25), StoredTraces.Score(trace, 0.75, Entries.At.AddMinutes(2), comment: "better\0"));

        await StoredTraces.SendAsync(Database, StoredTraces.Score(trace, 0.5, Entries.At.AddMinutes(1)));

        var score = (await new TraceTables(Database).FindAsync("r-1", CancellationToken.None))!.Scores.Single();
        (score.Name, score.Source, score.Value, score.Comment, score.At).ShouldBe(("helpful", "judge", 0.75, "better\uFFFD", Entries.At.AddMinutes(2).ToUnixTimeMilliseconds()));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task TextThatNoDatabaseTakes_IsTaken(string name)
    {
        await UseAsync(name);
        var trace = StoredTraces.Of(Entries.Of("zero \0") with { Prompt = "half \uD83D" });

        await StoredTraces.SendAsync(Database, trace);

        (await new TraceSearch(Database).FindAsync(new(), CancellationToken.None)).Traces.Single().Prompt.ShouldBe("half \uFFFD");
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task DatabaseThatIsAway_IsToBeTriedAgain(string name)
    {
        await UseAsync(name);
        var sink = TraceStoreSink.Create(new TelemetryOptions(), new FailingDatabase(Database) { IsAway = true })!;

        await Should.ThrowAsync<SinkException>(() => sink.SendAsync([StoredTraces.Of("a")], CancellationToken.None));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task BatchThatTheDatabaseRefuses_IsSaidToBe(string name)
    {
        await UseAsync(name);
        await Database.WriteAsync(connection => connection.ExecuteAsync("CREATE UNIQUE INDEX traces_once ON traces (request_id)"));
        TelemetryEvent[] events = [StoredTraces.Of("a"), StoredTraces.Of("a")];

        await Should.ThrowAsync<BatchRefusedException>(() => StoredTraces.SendAsync(Database, events));

        (await CountAsync("traces")).ShouldBe(0);
        (await BytesAsync()).ShouldBe(0);
    }

    private Task<long> CountAsync(string table) => Database.ReadAsync(connection => connection.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {table}"));

    private Task<long> BytesAsync() => Database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT bytes FROM trace_totals"));
}
