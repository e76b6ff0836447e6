using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Tests.Storage;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>Tests of a journal in a folder of its own.</summary>
public abstract class JournalFolderTests : IDisposable
{
    private const long Much = 1024 * 1024 * 1024;

    private protected string Folder { get; } = Path.Combine(Directory.CreateTempSubdirectory("llmops-test-").FullName, "journal");

    private protected ManualTime Time { get; } = new();

    private protected CollectedLogs Logs { get; } = new();

    public void Dispose()
    {
        Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected Journal Open(long mostBytes = Much) => new(Folder, mostBytes, Time, TestDatabase.LoggerOf<Journal>(Logs));

    // Those that are over first.
    private protected List<string> Read()
    {
        List<string> read = [];
        foreach (var segment in JournalSegment.In(Folder))
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

    private protected List<LedgerEntry> ReadOpen()
    {
        List<LedgerEntry> read = [];
        foreach (var file in OpenRequests.In(Folder))
        {
            var (entries, damaged) = OpenRequests.Read(file.Path);
            read.AddRange(entries);
            damaged.ShouldBe(0);
        }

        return read;
    }
}
