using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>What is about to spend stands on the disk until it is over.</summary>
public sealed class OpenRequestsTests : JournalFolderTests
{
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
            File.GetUnixFileMode(Directory.GetFiles(Folder).Single()).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            entries.ForEach(entry => journal.Forget(entry.Id));
        }

        Directory.GetFiles(Folder).ShouldBeEmpty();
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
        using (var file = new FileStream(Directory.GetFiles(Folder).Single(), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete))
        {
            file.Seek(100, SeekOrigin.Begin);
            file.WriteByte(0);
        }

        var (entries, damaged) = OpenRequests.Read(Directory.GetFiles(Folder).Single());

        (entries.Single().RequestId, damaged).ShouldBe(("b", 1));
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
    public void NotesThatCannotBeWritten_KeepNoLineFromIt_AndAreWrittenLater()
    {
        Directory.CreateDirectory(Path.Combine(Folder, OpenRequests.NameOf(1)));
        using var journal = Open();

        journal.Begin(Entries.Of("open"));
        journal.Append(Entries.Of("a"));

        journal.Fault.ShouldNotBeNull();
        journal.NotDurable.ShouldBe(0);
        Directory.Delete(Path.Combine(Folder, OpenRequests.NameOf(1)));
        Time.Advance(TimeSpan.FromSeconds(2));
        journal.Append(Entries.Of("b"));
        journal.Fault.ShouldBeNull();
        Read().ShouldBe(["a", "b", "open (open)"]);
        Logs.All.Count(log => log.Level == LogLevel.Error).ShouldBe(1);
    }

    [Fact]
    public void NothingButOpenRequests_IsNothingToDrain()
    {
        using var journal = Open();

        journal.Begin(Entries.Of("open"));

        journal.Take().Segments.ShouldBeEmpty();
        journal.Depth.ShouldBe(0);
    }
}
