using Dapper;
using LlmOps.Gateway.Telemetry.Records;
using LlmOps.Gateway.Telemetry.Traces;
using LlmOps.Tests.Accounting.Ledger;
using LlmOps.Tests.Storage;

namespace LlmOps.Tests.Telemetry.Traces;

/// <summary>Traces go when they are too old, or too many.</summary>
public sealed class TraceRetentionTests(PostgresFixture postgres) : LedgerTests(postgres)
{
    [Theory, OnSqlite, OnPostgres]
    public async Task OldTraces_GoWithTheirDetailsAndScores(string name)
    {
        await UseAsync(name);
        var (old, recent) = (StoredTraces.Of("old"), StoredTraces.Of("recent", Entries.At.AddDays(1)));
        await StoredTraces.SendAsync(Database, old, recent, StoredTraces.Score(old, 1), StoredTraces.Score(recent, 0));

        var isMore = await new TraceTables(Database).DeleteSomeAsync(Entries.At.AddDays(1), long.MaxValue, CancellationToken.None);

        isMore.ShouldBeFalse();
        (await IdsAsync("traces")).ShouldBe([recent.EventId.ToString()]);
        (await IdsAsync("trace_details")).ShouldBe([recent.EventId.ToString()]);
        (await IdsAsync("scores")).ShouldBe([recent.EventId.ToString()]);
        (await NumberAsync("SELECT bytes FROM trace_totals")).ShouldBe(await NumberAsync("SELECT size FROM traces"));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task TooManyBytes_TakeTheOldestAway(string name)
    {
        await UseAsync(name);
        var traces = Enumerable.Range(0, 10).Select(number => StoredTraces.Of($"{number}", Entries.At.AddSeconds(number))).ToArray<TelemetryEvent>();
        await StoredTraces.SendAsync(Database, traces);
        var bytes = await NumberAsync("SELECT bytes FROM trace_totals");

        await new TraceTables(Database).DeleteSomeAsync(DateTimeOffset.UnixEpoch, bytes * 45 / 100, CancellationToken.None);

        (await IdsAsync("traces")).ShouldBe(traces[6..].Select(trace => trace.EventId.ToString()));
        (await NumberAsync("SELECT bytes FROM trace_totals")).ShouldBeInRange(bytes * 35 / 100, bytes * 45 / 100);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task WhatIsWithinBothBounds_Stays(string name)
    {
        await UseAsync(name);
        await StoredTraces.SendAsync(Database, StoredTraces.Of("a"));

        var isMore = await new TraceTables(Database).DeleteSomeAsync(Entries.At, await NumberAsync("SELECT bytes FROM trace_totals"), CancellationToken.None);

        isMore.ShouldBeFalse();
        (await IdsAsync("traces")).Count.ShouldBe(1);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task ManyOldTraces_GoSomeAtATime(string name)
    {
        await UseAsync(name);
        await StoredTraces.SendAsync(Database, [.. Enumerable.Range(0, 1500).Select(number => StoredTraces.Of($"{number}"))]);
        var tables = new TraceTables(Database);

        (await tables.DeleteSomeAsync(Entries.At.AddDays(1), long.MaxValue, CancellationToken.None)).ShouldBeTrue();
        (await IdsAsync("traces")).Count.ShouldBe(500);
        (await tables.DeleteSomeAsync(Entries.At.AddDays(1), long.MaxValue, CancellationToken.None)).ShouldBeFalse();

        (await NumberAsync("SELECT bytes FROM trace_totals")).ShouldBe(0);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task ScoresWithoutATrace_GoByAge(string name)
    {
        await UseAsync(name);
        await StoredTraces.SendAsync(Database, StoredTraces.Score(StoredTraces.Of("never stored"), 1));

        await new TraceTables(Database).DeleteSomeAsync(Entries.At.AddDays(1), long.MaxValue, CancellationToken.None);

        (await IdsAsync("scores")).ShouldBeEmpty();
    }

    [PostgresFact]
    public async Task TwoReplicas_RemoveEachTraceOnce()
    {
        await UseAsync("postgresql");
        await StoredTraces.SendAsync(Database, [.. Enumerable.Range(0, 1500).Select(number => StoredTraces.Of($"{number}"))]);
        var tables = new TraceTables(Database);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => tables.DeleteSomeAsync(Entries.At.AddDays(1), long.MaxValue, CancellationToken.None)));

        (await IdsAsync("traces")).ShouldBeEmpty();
        (await NumberAsync("SELECT bytes FROM trace_totals")).ShouldBe(0);
    }

    private Task<List<string>> IdsAsync(string table) => Database.ReadAsync(async connection => (await connection.QueryAsync<string>($"SELECT id FROM {table} ORDER BY id")).AsList());

    private Task<long> NumberAsync(string sql) => Database.ReadAsync(connection => connection.ExecuteScalarAsync<long>(sql));
}
