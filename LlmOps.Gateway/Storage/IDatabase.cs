using System.Data.Common;

namespace LlmOps.Gateway.Storage;

/// <summary>
/// Where the gateway's records are: keys, users, the ledger. SQLite in the data folder, or PostgreSQL; the same SQL runs on
/// both: TEXT, BIGINT (times as milliseconds since 1970 by UTC, money as nano-USD), INSERT … ON CONFLICT, RETURNING.
/// A transaction sees what others commit meanwhile (READ COMMITTED), so that a decision and the write that follows from it are
/// one statement. Every call has a deadline, and throws nothing but <see cref="DatabaseException"/> for what is the database's fault.
/// </summary>
internal interface IDatabase
{
    /// <summary>sqlite or postgresql.</summary>
    string Name { get; }

    /// <summary>Whether other replicas use it as well.</summary>
    bool IsShared { get; }

    /// <summary>Reads.</summary>
    /// <param name="read">Runs its statements on the connection, with Dapper.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="DatabaseException">The database cannot be asked, or not in time.</exception>
    Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken = default);

    /// <summary>Writes, in one transaction, which is rolled back where it throws.</summary>
    /// <param name="write">Runs its statements on the connection, with Dapper.</param>
    /// <param name="channel">Who listens to it is told once this is committed, in all replicas; null for nobody.</param>
    /// <param name="cancellationToken">Gives it up; it may be written all the same.</param>
    /// <exception cref="DatabaseException">The database cannot be asked, or not in time: it may be written all the same.</exception>
    Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> write, string? channel = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Listens to a channel until the result is disposed; also called whenever listening has begun anew, when something may have
    /// been missed: a database that is shared does so with each connection, the first included.
    /// </summary>
    /// <param name="channel">The channel.</param>
    /// <param name="changed">Must return soon; what it throws is logged.</param>
    IDisposable Subscribe(string channel, Action changed);
}
