using LlmOps.Gateway.Accounting.Ledger;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>What is to go into the database is on the disk until it is there.</summary>
public sealed class JournalTests : JournalFolderTests
{
    [Fact]
    public void Entry_IsInAFileOfItsOwnersWhenAppendReturns()
    {
        using var journal = Open();

        journal.Append(Entries.Of("a"));

        Read().ShouldBe(["a"]);
        File.GetUnixFileMode(Directory.GetFiles(Folder).Single()).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.GetUnixFileMode(Folder).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        journal.Depth.ShouldBe(1);
        journal.Bytes.ShouldBe(new FileInfo(journal.Take().Segments.Single().Path).Length);
    }

    [Fact]
    public void FolderThatCannotBeWritten_EntriesWaitInMemoryUntilItCan()
    {
        // As when a volume is full or gone: no user may write into a file as if it were a folder.
        File.WriteAllText(Folder, "");
        using var journal = Open();

        journal.Begin(Entries.Of("open"));
        journal.Append(Entries.Of("a"));
        journal.Append(Entries.Of("b"));

        journal.Fault.ShouldNotBeNull();
        journal.NotDurable.ShouldBe(2);
        journal.Dropped.ShouldBe(0);
        journal.Take().InMemory.Select(line => JournalLine.Read(line.AsSpan(0, line.Length - 1))!.RequestId).ShouldBe(["a", "b"]);
        File.Delete(Folder);
        Time.Advance(TimeSpan.FromSeconds(2));
        journal.Append(Entries.Of("c"));
        journal.Fault.ShouldBeNull();
        Read().ShouldBe(["c", "open (open)"]);
        Logs.All.Count(log => log.Level == LogLevel.Error).ShouldBe(1);
        Logs.All.Count(log => log.Level == LogLevel.Information).ShouldBe(1);
    }

    [Fact]
    public void MoreThanMemoryHasRoomFor_IsDroppedAndCounted()
    {
        File.WriteAllText(Folder, "");
        using var journal = Open();

        for (var entry = 0; entry < 20_003; entry++)
        {
            journal.Append(Entries.Of("a"));
        }

        journal.NotDurable.ShouldBe(20_000);
        journal.Dropped.ShouldBe(3);
        journal.Depth.ShouldBe(20_000);
        Logs.All.Count(log => log.Message.Contains("loses entries")).ShouldBe(1);
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
        Time.Advance(TimeSpan.FromSeconds(2));
        journal.Append(Entries.Of("c"));
        journal.Fault.ShouldBeNull();
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
        JournalSegment.In(Folder).Count.ShouldBe(1 + 3);
        JournalSegment.In(Folder).Max(segment => segment.Bytes).ShouldBeLessThan(17 * 1024 * 1024);
        ReadOpen().ShouldHaveSingleItem();
    }

    [Fact]
    public void LineThatAKillCutShort_IsNone()
    {
        using var journal = Open();
        journal.Append(Entries.Of("a"));
        var line = JournalLine.Write(Entries.Of("b"));
        using (var file = new FileStream(Directory.GetFiles(Folder).Single(), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
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
        var next = Directory.CreateDirectory(Path.Combine(Folder, JournalSegment.NameOf(2))).FullName;
        journal.Take().Segments.ShouldBeEmpty();
        journal.Fault.ShouldNotBeNull();
        Directory.Delete(next);

        var taken = journal.Take().Segments.Single();
        using var reader = new JournalReader(taken.Path);
        reader.TryRead(out var entry).ShouldBeTrue();
        entry.RequestId.ShouldBe("a");
    }

    [Fact]
    public void WhereASegmentCouldNotBeBegun_TheNextLineSaysSo()
    {
        using var journal = Open();
        var filled = 0;
        journal.Filled = () => filled++;
        journal.Append(Entries.Of("a"));
        Directory.CreateDirectory(Path.Combine(Folder, JournalSegment.NameOf(2)));
        journal.Take().Segments.ShouldBeEmpty();
        filled.ShouldBe(1);

        journal.Append(Entries.Of("b"));

        filled.ShouldBe(2);
        journal.Take().InMemory.Count.ShouldBe(1);
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
}
