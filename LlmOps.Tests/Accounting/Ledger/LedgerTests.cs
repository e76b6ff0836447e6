using LlmOps.Gateway.Storage;
using LlmOps.Tests.Storage;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>Tests of a ledger on a database of either kind.</summary>
public abstract class LedgerTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    /// <summary>Where the data folder lies.</summary>
    protected string Folder { get; } = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    private protected CollectedLogs Logs { get; } = new();

    private protected IDatabase Database { get; private set; } = null!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (Database is PostgresDatabase shared)
        {
            await shared.DisposeAsync();
        }

        (Database as IDisposable)?.Dispose();
        Logs.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Takes a database of a kind.</summary>
    protected async Task UseAsync(string name) => Database = name == PostgresDatabase.DatabaseName
        ? await TestDatabase.ReadyAsync(await postgres.Server.CreateDatabaseAsync(), Logs)
        : new SqliteDatabase(path: null, TimeProvider.System);

    private protected TestLedger Open(IDatabase? database = null, TimeProvider? time = null, bool sharesFolder = false, int retentionDays = 3650) =>
        new(Path.Combine(Folder, "data"), database ?? Database, time, sharesFolder, retentionDays);
}
