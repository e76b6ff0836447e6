using System.Globalization;
using Dapper;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Budgets;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Accounting.Budgets;
using LlmOps.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>From the journal into the database: each request once, whatever happens in between.</summary>
public sealed class LedgerDrainTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;
    private readonly CollectedLogs _logs = new();
    private IDatabase _database = null!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_database is PostgresDatabase shared)
        {
            await shared.DisposeAsync();
        }

        (_database as IDisposable)?.Dispose();
        _logs.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task Entry_IsARowWithItsAttemptsAndInTheSumsOfItsDay(string name)
    {
        await UseAsync(name);
        using var ledger = Open();
        ledger.Usage.Append(Entries.Full);
        ledger.Usage.Append(Entries.Of("r-2") with { Outcome = "provider_timeout", Cost = null, Cache = "hit-memory" });

        await ledger.RecordAsync();

        var row = await _database.ReadAsync(connection => connection.QuerySingleAsync("SELECT * FROM ledger WHERE request_id = 'r-1'"));
        ((string)row.id).ShouldBe(Entries.Full.Id.ToString());
        ((long)row.at).ShouldBe(Entries.At.ToUnixTimeMilliseconds());
        ((string)row.team, (string)row.user_name, (string)row.key_id, (string)row.user_label, (string)row.session).ShouldBe(("blue \"team\"", "zoë", "key_1", "línea\nnueva 😀", "\\"));
        ((long)row.stream, (long)row.input_tokens, (long)row.cost_nano, (long)row.estimated, (long)row.saved_nano).ShouldBe((1, 20, 150_000, 1, 7));
        ((long)row.duration_us, (long)row.first_chunk_us).ShouldBe((12_345, 1_500));
        var attempts = await _database.ReadAsync(async connection =>
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
    public async Task SameJournalTwice_IsRecordedOnceAndToldTwice(string name)
    {
        await UseAsync(name);
        var copy = Directory.CreateDirectory(Path.Combine(_folder, "copy")).FullName;
        using (var first = Open())
        {
            first.Usage.Append(Entries.Of("a"));
            first.Usage.Append(Entries.Full);
            foreach (var file in first.Files)
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }

            await first.RecordAsync();
            first.Recorded.Count.ShouldBe(2);
        }

        foreach (var file in Directory.GetFiles(copy))
        {
            File.Move(file, Path.Combine(_folder, "data", "journal", Path.GetFileName(file)));
        }

        using var second = Open();
        second.Usage.Replayed.Task.IsCompleted.ShouldBeFalse();
        await second.RecordAsync();

        second.Usage.Replayed.Task.IsCompleted.ShouldBeTrue();
        second.Recorded.Select(entry => entry.RequestId).ShouldBe(["a", "r-1"]);
        (await second.RowsAsync()).Count.ShouldBe(2);
        (await second.NumberAsync("SELECT COUNT(*) FROM ledger_attempts")).ShouldBe(2);
        (await second.NumberAsync("SELECT SUM(requests) FROM usage_daily")).ShouldBe(2);
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

    [Theory]
    [InlineData("{\"id\":\"0198", false)]
    [InlineData("{\"id\":\"0198", true)]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", false)]
    [InlineData("no line at all", true)]
    public async Task DamagedPart_IsPassedOverAndKept(string damage, bool inTheMiddle)
    {
        await UseAsync(SqliteDatabase.DatabaseName);
        using (var first = Open())
        {
            first.Usage.Append(Entries.Of("a"));
            first.Usage.Append(Entries.Of("b"));
            first.Journal.Dispose();
            var (path, lines) = (first.Files.Single(), await File.ReadAllLinesAsync(first.Files.Single()));
            await File.WriteAllTextAsync(path, inTheMiddle ? $"{lines[0]}\n{damage}\n{lines[1]}\n" : $"{lines[0]}\n{lines[1]}\n{damage}");
        }

        using var second = Open();
        await second.RecordAsync();

        (await second.RowsAsync()).Select(row => row.RequestId).ShouldBe(["a", "b"]);
        second.Journal.Damaged.ShouldBe(1);
        second.Journal.Depth.ShouldBe(0);
        second.Files.Single().ShouldEndWith(".jsonl.damaged");
        second.Logs.All.Count(log => log.Level == LogLevel.Error && log.Message.Contains("damaged")).ShouldBe(1);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task LineThatDoesNotEnd_IsPassedOver(string name)
    {
        await UseAsync(name);
        Directory.CreateDirectory(Path.Combine(_folder, "data", "journal"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "data", "journal", "0000000001.jsonl"), new string('x', 1_000_000));

        using var ledger = Open();
        await ledger.RecordAsync();

        ledger.Journal.Damaged.ShouldBe(1);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task RequestThatWasOpenWhenItsProcessEnded_IsInterruptedAtItsReservation(string name)
    {
        await UseAsync(name);
        using (var first = Open())
        {
            first.Usage.Begin(Entries.Of("open") with { Cost = new NanoUsd(9_000_000) });
            first.Usage.Append(Entries.Of("over"));

            // Its segment is drained, and removed.
            await first.RecordAsync();
            (await first.RowsAsync()).Select(row => row.RequestId).ShouldBe(["over"]);
        }

        using var second = Open();
        await second.RecordAsync();

        (await second.RowsAsync()).ShouldBe([("open", "interrupted", 9_000_000), ("over", "ok", 150_000)]);
        (await second.NumberAsync("SELECT estimated FROM ledger WHERE request_id = 'open'")).ShouldBe(1);
        second.Recorded.Single().Outcome.ShouldBe("interrupted");
        second.Files.ShouldBeEmpty();
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task RequestThatEndedInALaterSegment_IsRecordedAsItEnded(string name)
    {
        await UseAsync(name);
        var entry = Entries.Of("open");
        using (var first = Open())
        {
            first.Usage.Begin(entry with { Cost = new NanoUsd(9_000_000) });
            first.Usage.Append(Entries.Of("over"));
            await first.RecordAsync();
            first.Usage.Append(entry);
        }

        using var second = Open();
        await second.RecordAsync();

        (await second.RowsAsync()).ShouldBe([("open", "ok", 150_000), ("over", "ok", 150_000)]);
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
    public async Task DatabaseThatIsAway_HasEverythingWhenItIsBack(string name)
    {
        await UseAsync(name);
        var database = new FailingDatabase(_database) { IsAway = true };
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
        var database = new FailingDatabase(_database) { IsAway = true, WritesAllTheSame = true };
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
        var database = new FailingDatabase(_database) { IsAway = true };
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

    [Theory, OnSqlite, OnPostgres]
    public async Task EntriesThatCouldNotBeWrittenToTheDisk_AreRecordedAllTheSame(string name)
    {
        await UseAsync(name);
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "data", "journal"), "");
        using var ledger = Open();
        ledger.Usage.Append(Entries.Of("a"));

        await ledger.RecordAsync();

        (await ledger.RowsAsync()).Select(row => row.RequestId).ShouldBe(["a"]);
        ledger.Journal.Depth.ShouldBe(0);
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task JournalOfAProcessThatIsGone_IsTakenOver(string name)
    {
        await UseAsync(name);
        using var survivor = Open(sharesFolder: true);
        using (var gone = Open(sharesFolder: true))
        {
            gone.Journal.Folder.ShouldNotBe(survivor.Journal.Folder);
            gone.Usage.Append(Entries.Of("over"));
            gone.Usage.Begin(Entries.Of("open"));

            // Alive, it keeps its own.
            await survivor.RecordAsync();
            (await survivor.RowsAsync()).ShouldBeEmpty();
        }

        using var other = Open(sharesFolder: true, time: new ManualTime());
        await other.RecordAsync();

        // The folder itself may be the third's: it took the first one that was free.
        (await other.RowsAsync()).Select(row => (row.RequestId, row.Outcome)).ShouldBe([("open", "interrupted"), ("over", "ok")]);
        Directory.GetFiles(_folder, "*.jsonl", SearchOption.AllDirectories).ShouldBeEmpty();
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

    [Fact]
    public async Task SegmentThatCannotBeOpened_DoesNotStopTheLedger()
    {
        await UseAsync("sqlite");
        string folder;
        using (var first = Open())
        {
            first.Usage.Append(Entries.Of("r-1"));
            folder = first.Journal.Folder;
        }

        File.CreateSymbolicLink(Path.Combine(folder, JournalSegment.NameOf(0)), Path.Combine(folder, "gone"));
        using var second = Open();

        await second.RecordAsync();

        second.Usage.Replayed.Task.IsCompleted.ShouldBeTrue();
        (await second.RowsAsync()).Select(row => row.RequestId).ShouldBe(["r-1"]);
        (second.Journal.Depth, second.Journal.Damaged).ShouldBe((0, 1));
    }

    [Fact]
    public async Task BudgetsOfWhatIsNotReplayed_AreUnavailableAfterAWhile()
    {
        await UseAsync("sqlite");
        using var ledger = Open();
        var time = new ManualTime();
        await using var services = new ServiceCollection().AddSingleton(ledger.Usage).AddSingleton<TimeProvider>(time).AddGatewayBudgets().BuildServiceProvider();
        var spent = services.GetRequiredService<SpentInLedger>();
        var counter = SimulatedLedger.Counter(HolderKind.Tenant, "acme");

        var asked = spent(counter, []);
        time.Advance(TimeSpan.FromSeconds(1));

        (await Should.ThrowAsync<GatewayException>(asked)).Error.ShouldBe(ErrorCode.BudgetUnavailable);
        await ledger.RecordAsync();
        (await spent(counter, [])).ShouldBe(new NanoUsd(0));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task LookForProcessesThatAreGone_FindsThemLater(string name)
    {
        await UseAsync(name);
        var time = new ManualTime();
        using var survivor = Open(sharesFolder: true, time: time);
        var gone = Open(sharesFolder: true);
        gone.Usage.Append(Entries.Of("a"));
        await survivor.RecordAsync();

        gone.Dispose();
        time.Advance(TimeSpan.FromSeconds(11));
        await survivor.RecordAsync();

        (await survivor.RowsAsync()).Select(row => row.RequestId).ShouldBe(["a"]);
        survivor.Journal.Depth.ShouldBe(0);
        Directory.GetFiles(_folder, "*.jsonl", SearchOption.AllDirectories).ShouldBeEmpty();
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

    [Fact]
    public async Task EntryThatTheDatabaseRefuses_DoesNotKeepTheOthersFromIt()
    {
        await UseAsync(SqliteDatabase.DatabaseName);
        await _database.WriteAsync(connection => connection.ExecuteAsync(
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

    private async Task UseAsync(string name) => _database = name == PostgresDatabase.DatabaseName
        ? await TestDatabase.ReadyAsync(await postgres.Server.CreateDatabaseAsync(), _logs)
        : new SqliteDatabase(path: null, TimeProvider.System);

    private TestLedger Open(IDatabase? database = null, TimeProvider? time = null, bool sharesFolder = false, int retentionDays = 3650) =>
        new(Path.Combine(_folder, "data"), database ?? _database, time, sharesFolder, retentionDays);
}
