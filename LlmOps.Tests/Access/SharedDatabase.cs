using System.Data.Common;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Storage;

namespace LlmOps.Tests.Access;

/// <summary>A database that several gateways of a test share, and that can be away. It stays when they end.</summary>
internal sealed class SharedDatabase : IDatabase
{
    private readonly CollectedLogs _logs = new();
    private readonly SqliteDatabase _database;

    public SharedDatabase() => _database = new SqliteDatabase(path: null, TimeProvider.System, new StorageOptions(), TestDatabase.LoggerOf<SqliteDatabase>(_logs));

    /// <summary>Whether it can be asked.</summary>
    public bool IsDown { get; set; }

    public string Name => "postgresql";

    public bool IsShared => true;

    public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken = default) => Up().ReadAsync(read, cancellationToken);

    public Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> write, string? channel = null, CancellationToken cancellationToken = default) => Up().WriteAsync(write, channel, cancellationToken);

    public IDisposable Subscribe(string channel, Action changed) => _database.Subscribe(channel, changed);

    /// <summary>Ends it. It is not disposable: a gateway would dispose what it is given.</summary>
    public void End()
    {
        _database.Dispose();
        _logs.Dispose();
    }

    private SqliteDatabase Up() => IsDown ? throw new DatabaseException("It is down.") : _database;
}
