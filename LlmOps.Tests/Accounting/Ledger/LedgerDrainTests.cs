using System.Globalization;
using Dapper;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Storage;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>From the journal into the database: each request once.</summary>
public sealed class LedgerDrainTests(PostgresFixture postgres) : LedgerTests(postgres)
{
    [Theory, OnSqlite, OnPostgres]
    public async Task Entry_IsARowWithItsAttemptsAndInTheSumsOfItsDay(string name)
    {
        await UseAsync(name);
        using var ledger = Open();
        ledger.Usage.Append(Entries.Full);
        ledger.Usage.Append(Entries.Of("r-2") with { Outcome = "provider_timeout", Cost = null, Cache = "hit-memory" });

        await ledger.RecordAsync();

        var row = await Database.ReadAsync(connection => connection.QuerySingleAsync("SELECT * FROM ledger WHERE request_id = 'r-1'"));
        ((string)row.id).ShouldBe(Entries.Full.Id.ToString());
        ((long)row.at).ShouldBe(Entries.At.ToUnixTimeMilliseconds());
        ((string)row.team, (string)row.user_name, (string)row.key_id, (string)row.user_label, (string)row.session).ShouldBe(("blue \"team\"", "zoë", "key_1", "línea\nnueva 😀", "\\"));
        ((long)row.stream, (long)row.input_tokens, (long)row.cost_nano, (long)row.estimated, (long)row.saved_nano).ShouldBe((1, 20, 150_000, 1, 7));
        ((long)row.duration_us, (long)row.first_chunk_us).ShouldBe((12_345, 1_500));
        var attempts = await Database.ReadAsync(async connection =>
            (await connection.QueryAsync<(long, string, string, long?)>("SELECT number, provider, outcome, cost_nano FROM ledger_attempts ORDER BY number")).AsList());
        attempts.ShouldBe([(1, "groq", "provider_timeout", null), (2, "openai", "ok", 150_000)]);
        (await ledger.NumberAsync("SELECT SUM(requests) FROM usage_daily")).ShouldBe(2);
        (await ledger.NumberAsync("SELECT SUM(errors) FROM usage_daily")).ShouldBe(1);
        (await ledger.NumberAsync("SELECT SUM(cache_hits) FROM usage_daily")).ShouldBe(1);
        (await ledger.NumberAsync("SELECT SUM(unpriced) FROM usage_daily")).ShouldBe(1);
        (await ledger.NumberAsync("SELECT COUNT(*) FROM usage_daily WHERE day = '2026-03-14'")).ShouldBe(2);
        ledger.Recorded.Select(entry => entry.RequestId).ShouldBe(["r-1", "r-2"]);
        ledger.Recorded[0].Budgets.ShouldBe(Entries.Full.Budgets);
        ledger.Journal.Depth.ShouldBe(0);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task WhatIsRecorded_LeavesNothingInTheJournal(string name)
    {
        await UseAsync(name);
        using var ledger = Open();
        ledger.Usage.Append(Entries.Of("a"));

        await ledger.RecordAsync();

        ledger.Files.ShouldBeEmpty();
        ledger.Journal.Bytes.ShouldBe(0);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task MoreThanABatch_IsRecordedInOrder(string name)
    {
        await UseAsync(name);
        using var ledger = Open();
        for (var number = 1000; number < 2203; number++)
        {
            ledger.Usage.Append(Entries.Of($"{number}"));
        }

        await ledger.RecordAsync();

        (await ledger.RowsAsync()).Count.ShouldBe(1203);
        ledger.Recorded.Select(entry => entry.RequestId).ShouldBe(Enumerable.Range(1000, 1203).Select(number => $"{number}"));
        (await ledger.NumberAsync("SELECT SUM(cost_nano) FROM usage_daily")).ShouldBe(1203 * 150_000);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task WhatIsRecorded_StaysInTheJournalUntilTheBudgetsHaveHeard(string name)
    {
        await UseAsync(name);
        using var ledger = Open();
        var (asked, heard) = (new TaskCompletionSource(), new TaskCompletionSource());
        ledger.Usage.Heard = () =>
        {
            asked.SetResult();
            return heard.Task;
        };
        ledger.Usage.Append(Entries.Of("a"));

        var recording = ledger.RecordAsync();
        await asked.Task;

        (await ledger.RowsAsync()).Count.ShouldBe(1);
        ledger.Files.Count.ShouldBe(1);
        heard.SetResult();
        await recording;
        ledger.Files.ShouldBeEmpty();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task RequestOfThisProcessThatIsOpen_IsLeftAlone(string name)
    {
        await UseAsync(name);
        using var ledger = Open();
        ledger.Usage.Begin(Entries.Of("open"));
        ledger.Usage.Append(Entries.Of("over"));

        await ledger.RecordAsync();
        await ledger.RecordAsync();

        (await ledger.RowsAsync()).Select(row => row.RequestId).ShouldBe(["over"]);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task EntriesThatCouldNotBeWrittenToTheDisk_AreRecordedAllTheSame(string name)
    {
        await UseAsync(name);
        Directory.CreateDirectory(Path.Combine(Folder, "data"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "data", "journal"), "");
        using var ledger = Open();
        ledger.Usage.Append(Entries.Of("a"));

        await ledger.RecordAsync();

        (await ledger.RowsAsync()).Select(row => row.RequestId).ShouldBe(["a"]);
        ledger.Journal.Depth.ShouldBe(0);
    }

    [Fact]
    public async Task ModelThatNobodyWasAskedFor_IsNoRowOfTheSums()
    {
        await UseAsync("sqlite");
        using var ledger = Open();
        ledger.Usage.Append(Entries.Of("r-1") with { Model = "made-up-1", Provider = null, Outcome = "permission_denied" });
        ledger.Usage.Append(Entries.Of("r-2") with { Model = "made-up-2", Provider = null, Outcome = "permission_denied" });
        ledger.Usage.Append(Entries.Of("r-3") with { Provider = null, Outcome = LedgerEntry.Interrupted });

        await ledger.RecordAsync();

        (await ledger.NumberAsync("SELECT SUM(requests) FROM usage_daily WHERE model = ''")).ShouldBe(2);
        (await ledger.NumberAsync("SELECT COUNT(*) FROM usage_daily")).ShouldBe(2);
        (await ledger.NumberAsync("SELECT SUM(requests) FROM usage_daily WHERE model = 'gpt-4o'")).ShouldBe(1);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task RequestsOverTheirTime_AreForgottenAndTheSumsStay(string name)
    {
        await UseAsync(name);
        using var ledger = Open(retentionDays: 90);
        var now = TimeProvider.System.GetUtcNow();
        await ledger.Tables.WriteAsync([.. Enumerable.Range(0, 1500).Select(number => Entries.Full with { Id = Guid.CreateVersion7(now.AddDays(-91)), RequestId = $"old {number}", At = now.AddDays(-91) })], CancellationToken.None);
        await ledger.Tables.WriteAsync([Entries.Of("new", now.AddDays(-89))], CancellationToken.None);

        await ledger.RecordAsync();
        (await ledger.RowsAsync()).Count.ShouldBe(501);
        await ledger.RecordAsync();

        (await ledger.RowsAsync()).Select(row => row.RequestId).ShouldBe(["new"]);
        (await ledger.NumberAsync("SELECT COUNT(*) FROM ledger_attempts")).ShouldBe(0);
        (await ledger.NumberAsync("SELECT SUM(requests) FROM usage_daily")).ShouldBe(1501);
    }

    [Theory]
    [InlineData("Tenant", "acme", "2026-03-14", 450_000)]
    [InlineData("Tenant", "acme", "2026-03-01", 600_000)]
    [InlineData("Tenant", "acme", "0001-01-01", 750_000)]
    [InlineData("Tenant", "other", "0001-01-01", 0)]
    [InlineData("Team", "blue \"team\"", "2026-03-14", 150_000)]
    [InlineData("User", "zoë", "2026-03-14", 150_000)]
    [InlineData("Key", "key_1", "2026-03-14", 150_000)]
    public async Task Spent_IsTheSumOfTheHolderFromTheDayOn(string kind, string holder, string from, long expected)
    {
        await UseAsync(SqliteDatabase.DatabaseName);
        using var ledger = Open();
        await ledger.Tables.WriteAsync(
            [Entries.Full, Entries.Of("a"), Entries.Of("b"), Entries.Of("c", Entries.At.AddDays(-1)), Entries.Of("d", Entries.At.AddMonths(-1)), Entries.Of("e") with { Cost = null }], CancellationToken.None);

        var spent = await ledger.Usage.SpentAsync(new BudgetCounter(Enum.Parse<HolderKind>(kind), holder, BudgetPeriod.Total, DateOnly.Parse(from, CultureInfo.InvariantCulture)), []);

        spent.Value.ShouldBe(expected);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task WhoeverListensAndFails_DoesNotStopTheLedger(string name)
    {
        await UseAsync(name);
        using var ledger = Open();
        ledger.Usage.Recorded += _ => throw new InvalidOperationException("no");
        ledger.Usage.Append(Entries.Of("a"));

        await ledger.RecordAsync();

        (await ledger.RowsAsync()).Count.ShouldBe(1);
        ledger.Logs.All.ShouldContain(log => log.Level == LogLevel.Error && log.Exception is InvalidOperationException);
    }
}
