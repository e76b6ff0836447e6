using System.Data.Common;
using LlmOps.Gateway.Storage;

namespace LlmOps.Tests.Accounting.Ledger;

/// <summary>A database that is away when a test says so.</summary>
internal sealed class FailingDatabase(IDatabase database) : IDatabase
{
    private int _calls;

    /// <inheritdoc/>
    public string Name => database.Name;

    /// <inheritdoc/>
    public bool IsShared => database.IsShared;

    /// <summary>Whether it fails.</summary>
    public bool IsAway { get; set; }

    /// <summary>Whether it writes all the same: its answer is what is lost.</summary>
    public bool WritesAllTheSame { get; set; }

    /// <summary>Writes that were tried.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <inheritdoc/>
    public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken = default) =>
        IsAway ? throw new DatabaseException("It is away.") : database.ReadAsync(read, cancellationToken);

    /// <inheritdoc/>
    public async Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> write, string? channel = null, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _calls);
        var result = IsAway && !WritesAllTheSame ? throw new DatabaseException("It is away.") : await database.WriteAsync(write, channel, cancellationToken);
        return IsAway ? throw new DatabaseException("It gave no answer.") : result;
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(string channel, Action changed) => database.Subscribe(channel, changed);
}
