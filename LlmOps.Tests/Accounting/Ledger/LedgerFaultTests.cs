using Dapper;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Accounting.Budgets;
using LlmOps.Tests.Storage;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>A database that is away, or takes not everything.</summary>
public sealed class LedgerFaultTests(PostgresFixture postgres) : LedgerTests(postgres)
{
    [Theory, OnSqlite, OnPostgres]
    public async Task DatabaseThatIsAway_HasEverythingWhenItIsBack(string name)
    {
        await UseAsync(name);
        var database = new FailingDatabase(Database) { IsAway = true };
        using var ledger = Open(database);
        ledger.Usage.Append(Entries.Of("a"));

        var recording = ledger.RecordAsync();
        await Conditions.HoldsAsync(() => Task.FromResult(database.Calls >= 2));
        ledger.Usage.Append(Entries.Of("b"));

        ledger.Recorder.Fault.ShouldBe("It is away.");
        ledger.Journal.Depth.ShouldBe(2);
        ledger.Recorded.ShouldBeEmpty();
        database.IsAway = false;
        await recording;
        await ledger.RecordAsync();
        (await ledger.RowsAsync()).Select(row => row.RequestId).ShouldBe(["a", "b"]);
        ledger.Recorder.Fault.ShouldBeNull();
        ledger.Logs.All.Count(log => log.Message.Contains("does not take")).ShouldBe(1);
        ledger.Logs.All.Count(log => log.Message.Contains("takes the ledger's entries again")).ShouldBe(1);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task DatabaseWhoseAnswerIsLost_CountsNothingTwice(string name)
    {
        await UseAsync(name);
        var database = new FailingDatabase(Database) { IsAway = true, WritesAllTheSame = true };
        using var ledger = Open(database);
        ledger.Usage.Append(Entries.Of("a"));

        var recording = ledger.RecordAsync();
        await Conditions.HoldsAsync(() => Task.FromResult(database.Calls >= 2));
        database.IsAway = false;
        await recording;

        (await ledger.RowsAsync()).Count.ShouldBe(1);
        (await ledger.NumberAsync("SELECT SUM(requests) FROM usage_daily")).ShouldBe(1);
        ledger.Recorded.Count.ShouldBe(1);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task DatabaseAwayAtTheEnd_LeavesTheJournalForTheNextStart(string name)
    {
        await UseAsync(name);
        var database = new FailingDatabase(Database) { IsAway = true };
        using (var first = Open(database))
        {
            await first.Drain.StartAsync(CancellationToken.None);
            first.Usage.Append(Entries.Of("a"));
            await first.Drain.StopAsync(CancellationToken.None);
        }

        using var second = Open();
        await second.RecordAsync();

        (await second.RowsAsync()).Select(row => row.RequestId).ShouldBe(["a"]);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task OrderlyEnd_LeavesNothing(string name)
    {
        await UseAsync(name);
        using var ledger = Open();
        await ledger.Drain.StartAsync(CancellationToken.None);
        await ledger.Usage.Replayed.Task;

        ledger.Usage.Append(Entries.Of("a"));
        await ledger.Drain.StopAsync(CancellationToken.None);

        (await ledger.RowsAsync()).Select(row => row.RequestId).ShouldBe(["a"]);
        ledger.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task EntryThatTheDatabaseRefuses_DoesNotKeepTheOthersFromIt()
    {
        await UseAsync(SqliteDatabase.DatabaseName);
        await Database.WriteAsync(connection => connection.ExecuteAsync(
            "CREATE TRIGGER refuses BEFORE INSERT ON ledger WHEN NEW.request_id = 'bad' BEGIN SELECT RAISE(ABORT, 'refused'); END"));
        using var ledger = Open();
        ledger.Usage.Append(Entries.Of("a"));
        ledger.Usage.Append(Entries.Of("bad"));
        ledger.Usage.Append(Entries.Of("b"));

        await ledger.RecordAsync();

        (await ledger.RowsAsync()).Select(row => row.RequestId).ShouldBe(["a", "b"]);
        ledger.Journal.Damaged.ShouldBe(1);
        (await File.ReadAllTextAsync(ledger.Files.Single())).ShouldContain("\"bad\"");
        ledger.Logs.All.ShouldContain(log => log.Level == LogLevel.Error && log.Message.Contains("refuses"));
    }
}
