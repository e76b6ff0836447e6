using Dapper;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Providers;
using LlmOps.Gateway.Routing;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>The ledger of one process, whose drain runs when a test says so. Disposing it is the process's sudden end: nothing is drained.</summary>
internal sealed class TestLedger : IDisposable
{
    private readonly IDatabase _database;
    private readonly GatewayConfiguration _configuration;
    private readonly DataFolder _folder;

    public TestLedger(string dataFolder, IDatabase database, TimeProvider? clock = null, bool sharesFolder = false, int retentionDays = 3650)
    {
        var time = clock ?? TimeProvider.System;
        _database = database;
        Dictionary<string, string?> settings = new() { ["Gateway:Data:Folder"] = dataFolder, ["Gateway:Accounting:LedgerRetention"] = $"{retentionDays}.00:00:00" };
        if (sharesFolder)
        {
            // Nobody connects to it: it only makes the folder one of several processes.
            settings["Gateway:Storage:ConnectionString"] = "postgres://nobody@127.0.0.1:9/none";
        }

        _configuration = new GatewayConfiguration(
            new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), new ProviderFactory(new ProviderTransport(time), null, time),
            new TargetStates(time, NullLogger<TargetState>.Instance), time, NullLogger<GatewayConfiguration>.Instance);
        _folder = new DataFolder(_configuration, TestDatabase.LoggerOf<DataFolder>(Logs));
        Journal = new Journal(Path.Combine(_folder.Own, Journal.FolderName), 1024 * 1024 * 1024, time, TestDatabase.LoggerOf<Journal>(Logs));
        Usage = new UsageLedger(Journal, database, TestDatabase.LoggerOf<UsageLedger>(Logs));
        Usage.Recorded += Recorded.AddRange;
        Tables = new LedgerTables(database);
        Recorder = new LedgerRecorder(Usage, Tables, time, TestDatabase.LoggerOf<LedgerRecorder>(Logs)) { Hurries = true };
        Drain = new LedgerDrain(Usage, new SegmentRecorder(Usage, Recorder, TestDatabase.LoggerOf<SegmentRecorder>(Logs)), Recorder, Tables, _folder, _configuration, time, TestDatabase.LoggerOf<LedgerDrain>(Logs));
    }

    public CollectedLogs Logs { get; } = new();

    public Journal Journal { get; }

    public UsageLedger Usage { get; }

    public LedgerTables Tables { get; }

    public LedgerRecorder Recorder { get; }

    public LedgerDrain Drain { get; }

    /// <summary>What it has told of, in order.</summary>
    public List<LedgerEntry> Recorded { get; } = [];

    /// <summary>The files of the journal.</summary>
    public IReadOnlyList<string> Files => Directory.Exists(Journal.Folder) ? [.. Directory.GetFiles(Journal.Folder).Order().Where(HasSomething)] : [];

    /// <summary>Records what is there now.</summary>
    public Task RecordAsync() => Drain.RunAsync(CancellationToken.None);

    /// <summary>The ledger's rows: their labels and outcomes, in the order of their labels.</summary>
    public Task<List<(string RequestId, string Outcome, long? Cost)>> RowsAsync() => _database.ReadAsync(
        async connection => (await connection.QueryAsync<(string, string, long?)>("SELECT request_id, outcome, cost_nano FROM ledger ORDER BY request_id")).AsList());

    /// <summary>A number from the database.</summary>
    public Task<long> NumberAsync(string sql) => _database.ReadAsync(connection => connection.ExecuteScalarAsync<long>(sql));

    public void Dispose()
    {
        Usage.Dispose();
        Journal.Dispose();
        _folder.Dispose();
        _configuration.Dispose();
    }

    // Mapped files stay while the process lives: zeros where nothing is in them.
    private static bool HasSomething(string path) => File.ReadAllBytes(path).AsSpan().ContainsAnyExcept((byte)0);
}
