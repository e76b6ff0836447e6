using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Tests.Storage;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Accounting.Ledger;

public sealed class JournalTests : IDisposable
{
    private const long Much = 1024 * 1024 * 1024;

    private readonly string _folder = Path.Combine(Directory.CreateTempSubdirectory("llmops-test-").FullName, "journal");
    private readonly ManualTime _time = new();
    private readonly CollectedLogs _logs = new();

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);

    [Fact]
    public void Entry_IsInAFileOfItsOwnersWhenAppendReturns()
    {
        using var journal = Open();

        journal.Append(Entries.Of("a"));

        Read().ShouldBe(["a"]);
        File.GetUnixFileMode(Directory.GetFiles(_folder).Single()).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(_folder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        journal.Depth.ShouldBe(1);
        journal.Bytes.ShouldBe(new FileInfo(journal.Take().Segments.Single().Path).Length);
    }

    [Fact]
    public void FolderThatCannotBeWritten_EntriesWaitInMemoryUntilItCan()
    {
        // As when a volume is full or gone: no user may write into a file as if it were a folder.
        File.WriteAllText(_folder, "");
        using var journal = Open();

        journal.Begin(Entries.Of("open"));
        journal.Append(Entries.Of("a"));
        journal.Append(Entries.Of("b"));

        journal.Fault.ShouldNotBeNull();
        journal.NotDurable.ShouldBe(2);
        journal.Dropped.ShouldBe(0);
        journal.Take().InMemory.Select(line => JournalLine.Read(line.AsSpan(0, line.Length - 1))!.RequestId).ShouldBe(["a", "b"]);
        File.Delete(_folder);
        _time.Advance(TimeSpan.FromSeconds(2));
        journal.Append(Entries.Of("c"));
        journal.Fault.ShouldBeNull();
        Read().ShouldBe(["c", "open (open)"]);
        _logs.All.Count(log => log.Level == LogLevel.Error).ShouldBe(1);
        _logs.All.Count(log => log.Level == LogLevel.Information).ShouldBe(1);
    }

    [Fact]
    public void MoreThanMemoryHasRoomFor_IsDroppedAndCounted()
    {
        File.WriteAllText(_folder, "");
        using var journal = Open();

        for (var entry = 0; entry < 20_003; entry++)
        {
            journal.Append(Entries.Of("a"));
        }

        journal.NotDurable.ShouldBe(20_000);
        journal.Dropped.ShouldBe(3);
        journal.Depth.ShouldBe(20_000);
        _logs.All.Count(log => log.Message.Contains("loses entries")).ShouldBe(1);
    }

    [Fact]
    public void MoreThanItMayHold_WaitsInMemoryUntilSomeIsDrained()
    {
        using var journal = Open(mostBytes: 350);
        journal.Append(Entries.Of("a"));

        journal.Append(Entries.Of("b"));

        journal.Fault.ShouldNotBeNull().ShouldContain("JournalMaxBytes");
        var (segments, inMemory) = journal.Take();
        inMemory.Count.ShouldBe(1);
        journal.Freed(segments.Single());
        _time.Advance(TimeSpan.FromSeconds(2));
        journal.Append(Entries.Of("c"));
        journal.Fault.ShouldBeNull();
    }

    [Fact]
    public void RequestThatIsOpen_IsOnTheDiskUntilItIsOver()
    {
        using var journal = Open();
        var open = Entries.Of("open");
        journal.Begin(open);
        journal.Append(Entries.Of("over"));

        journal.Take().Segments.Single().Delete();

        journal.IsOpen(open.Id).ShouldBeTrue();
        Read().ShouldBe(["open (open)"]);
        journal.Append(open);
        journal.IsOpen(open.Id).ShouldBeFalse();
        Read().ShouldBe(["open"]);
    }

    [Fact]
    public void RequestThatMaySpendMore_StandsThereOnceAtItsLatest()
    {
        using var journal = Open();
        var open = Entries.Of("open");

        journal.Begin(open with { Cost = new NanoUsd(1) });
        journal.Begin(open with { Cost = new NanoUsd(2) });

        ReadOpen().Select(entry => (entry.Id, entry.Cost)).ShouldBe([(open.Id, new NanoUsd(2))]);
        journal.Forget(open.Id);
        Read().ShouldBeEmpty();
    }

    [Fact]
    public void ThousandsOfOpenRequests_AreAllThere_AndTheFileIsGoneWithTheLast()
    {
        var entries = Enumerable.Range(0, 2_000).Select(number => Entries.Of($"r{number}")).ToList();
        using (var journal = Open())
        {
            entries.ForEach(journal.Begin);
            entries.Where((_, number) => number % 3 == 0).ToList().ForEach(entry => journal.Forget(entry.Id));

            ReadOpen().Select(entry => entry.Id).Order().ShouldBe(entries.Where((_, number) => number % 3 != 0).Select(entry => entry.Id).Order());
            File.GetUnixFileMode(Directory.GetFiles(_folder).Single()).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            entries.ForEach(entry => journal.Forget(entry.Id));
        }

        Directory.GetFiles(_folder).ShouldBeEmpty();
    }

    [Fact]
    public void LongestLabels_FitIntoASlot()
    {
        using var journal = Open();
        var labels = new string('€', 256);
        var longest = Entries.Full with { RequestId = new string('"', 128), Model = labels, Subject = labels, UserLabel = labels, Session = labels, Attempts = [] };

        journal.Begin(longest);

        var read = ReadOpen().ShouldHaveSingleItem();
        (read with { Attempts = [], Budgets = [] }).ShouldBe(longest with { Attempts = [], Budgets = [] });
    }

    [Fact]
    public void SlotThatIsDamaged_IsCountedAndTheOthersAreRead()
    {
        using var journal = Open();
        journal.Begin(Entries.Of("a"));
        journal.Begin(Entries.Of("b"));
        using (var file = new FileStream(Directory.GetFiles(_folder).Single(), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
        {
            file.Seek(100, SeekOrigin.Begin);
            file.WriteByte(0);
        }

        var (entries, damaged) = OpenRequests.Read(Directory.GetFiles(_folder).Single());

        (entries.Single().RequestId, damaged).ShouldBe(("b", 1));
    }

    [Fact]
    public void NothingButOpenRequests_IsNothingToDrain()
    {
        using var journal = Open();

        journal.Begin(Entries.Of("open"));

        journal.Take().Segments.ShouldBeEmpty();
        journal.Depth.ShouldBe(0);
    }

    [Fact]
    public void SegmentThatIsLarge_IsFollowedByAnother()
    {
        using var journal = Open();
        journal.Begin(Entries.Of("open"));

        for (var entry = 0; journal.Bytes < 33 * 1024 * 1024; entry++)
        {
            journal.Append(Entries.Full);
        }

        // One of them is where lines are gathered.
        JournalSegment.In(_folder).Count.ShouldBe(1 + 3);
        JournalSegment.In(_folder).Max(segment => segment.Bytes).ShouldBeLessThan(17 * 1024 * 1024);
        ReadOpen().ShouldHaveSingleItem();
    }

    [Fact]
    public void LineThatAKillCutShort_IsNone()
    {
        using var journal = Open();
        journal.Append(Entries.Of("a"));
        var line = JournalLine.Write(Entries.Of("b"));
        using (var file = new FileStream(Directory.GetFiles(_folder).Single(), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
        {
            // All but its first byte, which is written last.
            file.Seek(journal.Bytes + 1, SeekOrigin.Begin);
            file.Write(line[1..]);
        }

        Read().ShouldBe(["a"]);
    }

    [Fact]
    public void FolderThatIsFull_LinesThatWereGatheredAreTakenLater()
    {
        using var journal = Open();
        journal.Append(Entries.Of("a"));

        // The next file cannot be made: its name is a folder's.
        var next = Directory.CreateDirectory(Path.Combine(_folder, JournalSegment.NameOf(2))).FullName;
        journal.Take().Segments.ShouldBeEmpty();
        journal.Fault.ShouldNotBeNull();
        Directory.Delete(next);

        var taken = journal.Take().Segments.Single();
        using var reader = new JournalReader(taken.Path);
        reader.TryRead(out var entry).ShouldBeTrue();
        entry.RequestId.ShouldBe("a");
    }

    [Fact]
    public void JournalThatMayHoldNoMore_StillNotesWhatIsAboutToSpend()
    {
        using var journal = Open(mostBytes: 350);
        journal.Append(Entries.Of("a"));
        journal.Append(Entries.Of("b"));
        journal.Fault.ShouldNotBeNull();
        var open = Entries.Of("open");

        journal.Begin(open);
        journal.Append(open);

        // It waits in memory, so that the note is all that the end of this process would leave of it.
        Read().ShouldBe(["a", "open (open)"]);
        journal.Take().InMemory.Count.ShouldBe(2);
        journal.Forget(open.Id);
        ReadOpen().ShouldBeEmpty();
    }

    [Fact]
    public void RequestWithMoreAttemptsThanASlotHolds_IsNotedWithoutThem()
    {
        using var journal = Open();
        var entry = Entries.Full with { Attempts = [.. Enumerable.Repeat(Entries.Full.Attempts[0], 200)] };

        journal.Begin(entry);

        ReadOpen().Select(open => (open.Id, open.Attempts.Count)).ShouldBe([(entry.Id, 0)]);
    }

    [Fact]
    public void RequestThatEndsAfterTheJournal_IsNoFault()
    {
        var journal = Open();
        var open = Entries.Of("open");
        journal.Begin(open);

        journal.Dispose();

        Should.NotThrow(() => journal.Append(open));
        Should.NotThrow(() => journal.Begin(Entries.Of("late")));
        Read().ShouldBe(["open (open)"]);
    }

    [Fact]
    public void LaterProcess_BeginsAfterWhatIsThere()
    {
        using (var first = Open())
        {
            first.Append(Entries.Of("a"));
        }

        using var second = Open();
        second.Append(Entries.Of("b"));

        second.LeftBehind.Count.ShouldBe(1);
        Read().ShouldBe(["a", "b"]);
    }

    private Journal Open(long mostBytes = Much) => new(_folder, mostBytes, _time, TestDatabase.LoggerOf<Journal>(_logs));

    // Those that are over first.
    private List<string> Read()
    {
        List<string> read = [];
        foreach (var segment in JournalSegment.In(_folder))
        {
            using var reader = new JournalReader(segment.Path);
            while (reader.TryRead(out var entry))
            {
                read.Add(entry.RequestId);
            }

            reader.Damaged.ShouldBe(0);
        }

        return [.. read, .. ReadOpen().Select(entry => $"{entry.RequestId} (open)")];
    }

    private List<LedgerEntry> ReadOpen()
    {
        List<LedgerEntry> read = [];
        foreach (var file in OpenRequests.In(_folder))
        {
            var (entries, damaged) = OpenRequests.Read(file.Path);
            read.AddRange(entries);
            damaged.ShouldBe(0);
        }

        return read;
    }
}
