using BenchmarkDotNet.Attributes;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Pipeline;
using LlmOps.Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Benchmarks.Micro;

/// <summary>What it costs to record a request: on its way, and in the background.</summary>
[MemoryDiagnoser]
public class LedgerBenchmarks : IDisposable
{
    private const int Batch = 500;
    private const long Much = 1L << 40;
    private const int Segment = 10_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-bench-").FullName;
    private readonly GatewayRequest _request = LogBenchmarks.Answered();
    private LedgerEntry _entry = null!;
    private byte[] _line = [];
    private Journal _journal = null!;
    private SqliteDatabase _database = null!;
    private LedgerTables _tables = null!;
    private int _appended;

    [GlobalSetup]
    public void Open()
    {
        _entry = LedgerEntry.Of(_request, TimeSpan.FromMilliseconds(61.2));
        _line = JournalLine.Write(_entry)[..^1].ToArray();
        _journal = new Journal(Path.Combine(_folder, Journal.FolderName), Much, TimeProvider.System, NullLogger<Journal>.Instance);
        _database = new SqliteDatabase(Path.Combine(_folder, "llmops.db"), TimeProvider.System);
        _tables = new LedgerTables(_database);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _journal.Dispose();
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The entry of an answered request, written to the disk's cache: all that its caller waits for.</summary>
    [Benchmark]
    public void Append()
    {
        _journal.Append(LedgerEntry.Of(_request, TimeSpan.FromMilliseconds(61.2)));
        if (++_appended % Segment == 0)
        {
            foreach (var segment in _journal.Take().Segments)
            {
                segment.Delete();
            }
        }
    }

    /// <summary>The line alone.</summary>
    [Benchmark]
    public int Line() => JournalLine.Write(_entry).Length;

    /// <summary>Reading it back.</summary>
    [Benchmark]
    public object? Read() => JournalLine.Read(_line);

    /// <summary>An entry of a batch, with its attempt and its part in the sums, in SQLite.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public Task<int> Insert()
    {
        var now = TimeProvider.System.GetUtcNow();
        return _tables.WriteAsync([.. Enumerable.Range(0, Batch).Select(_ => _entry with { Id = RequestId.NewGuid(now) })], CancellationToken.None);
    }
}
