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

/// <summary>What earlier processes have left goes into the database: each request once, whatever is damaged.</summary>
public sealed class LedgerReplayTests(PostgresFixture postgres) : LedgerTests(postgres)
{
    [Theory, OnSqlite, OnPostgres]
    public async Task SameJournalTwice_IsRecordedOnceAndToldTwice(string name)
    {
        await UseAsync(name);
        var copy = Directory.CreateDirectory(Path.Combine(Folder, "copy")).FullName;
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
            File.Move(file, Path.Combine(Folder, "data", "journal", Path.GetFileName(file)));
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

    [Fact]
    public async Task NotesOfEarlierVersions_ArePassedOver()
    {
        await UseAsync(SqliteDatabase.DatabaseName);
        using (var first = Open())
        {
            first.Usage.Append(Entries.Of("a"));
            first.Journal.Dispose();
            var path = first.Files.Single();
            await File.WriteAllTextAsync(path, "{\"open\":1,\"id\":\"0198\"}\n" + await File.ReadAllTextAsync(path));
        }

        using var second = Open();
        await second.RecordAsync();

        (await second.RowsAsync()).Select(row => row.RequestId).ShouldBe(["a"]);
        (second.Journal.Damaged, second.Journal.Depth).ShouldBe((0, 0));
    }

    [Theory, OnSqlite, OnPostgres]
    public async Task LineThatDoesNotEnd_IsPassedOver(string name)
    {
        await UseAsync(name);
        Directory.CreateDirectory(Path.Combine(Folder, "data", "journal"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "data", "journal", "0000000001.jsonl"), new string('x', 1_000_000));

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
        Directory.GetFiles(Folder, "*.jsonl", SearchOption.AllDirectories).ShouldBeEmpty();
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
        Directory.GetFiles(Folder, "*.jsonl", SearchOption.AllDirectories).ShouldBeEmpty();
    }
}
