using LlmOps.Gateway.Accounting.Ledger;

namespace LlmOps.Tests.Accounting.Ledger;

public sealed class JournalLineTests
{
    [Fact]
    public void Entry_ComesBackAsItWas()
    {
        var line = JournalLine.Write(Entries.Full);

        line[^1].ShouldBe((byte)'\n');
        line[..^1].IndexOf((byte)'\n').ShouldBe(-1);
        var read = JournalLine.Read(line[..^1])!;
        (read with { Attempts = [], Budgets = [] }).ShouldBe(Entries.Full with { Attempts = [], Budgets = [] });
        read.Attempts.ShouldBe(Entries.Full.Attempts);
        read.Budgets.ShouldBe(Entries.Full.Budgets);
    }

    [Fact]
    public void EntryWithTheLeast_ComesBackAsItWas()
    {
        var entry = Entries.Of("r") with { Model = null, InputTokens = null, OutputTokens = null, Cost = null };

        var read = JournalLine.Read(JournalLine.Write(entry)[..^1])!;

        (read with { Attempts = [], Budgets = [] }).ShouldBe(entry with { Attempts = [], Budgets = [] });
        read.Attempts.ShouldBeEmpty();
        read.Budgets.ShouldBeEmpty();
    }

    [Fact]
    public void LineWithAnyByteChanged_IsNotRead()
    {
        var line = JournalLine.Write(Entries.Full)[..^1].ToArray();

        for (var index = 0; index < line.Length; index++)
        {
            line[index] ^= 0x04;
            JournalLine.Read(line).ShouldBeNull($"byte {index}");
            line[index] ^= 0x04;
        }
    }

    [Fact]
    public void PartOfALine_IsNotRead()
    {
        var line = JournalLine.Write(Entries.Full)[..^1].ToArray();

        for (var length = 0; length < line.Length; length++)
        {
            JournalLine.Read(line.AsSpan(0, length)).ShouldBeNull($"{length} bytes");
        }
    }

    [Fact]
    public void TextThatADatabaseRefuses_IsReplaced()
    {
        var read = JournalLine.Read(JournalLine.Write(Entries.Of("r") with { Session = "a\0b\ud800c" })[..^1])!;

        read.Session.ShouldBe("a\uFFFDb\uFFFDc");
    }
}
