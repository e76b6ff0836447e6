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
        journal.Bytes.ShouldBe(new FileInfo(Directory.GetFiles(_folder).Single()).Length);
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
        Read().ShouldBe(["open (open)", "c"]);
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
        journal.Freed(segments.Single().Bytes);
        _time.Advance(TimeSpan.FromSeconds(2));
        journal.Append(Entries.Of("c"));
        journal.Fault.ShouldBeNull();
    }

    [Fact]
    public void RequestThatIsOpen_IsAtTheBeginningOfTheNextSegment()
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
        Read().ShouldBe(["open (open)", "open"]);
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

        Directory.GetFiles(_folder).Length.ShouldBe(3);
        Directory.GetFiles(_folder).Select(file => new FileInfo(file).Length).Max().ShouldBeLessThan(17 * 1024 * 1024);
        Read().Count(text => text == "open (open)").ShouldBe(3);
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

    private List<string> Read()
    {
        List<string> read = [];
        foreach (var segment in JournalSegment.In(_folder))
        {
            using var reader = new JournalReader(segment.Path);
            while (reader.TryRead(out var entry, out var isOpen))
            {
                read.Add(isOpen ? $"{entry.RequestId} (open)" : entry.RequestId);
            }

            reader.Damaged.ShouldBe(0);
        }

        return read;
    }
}
