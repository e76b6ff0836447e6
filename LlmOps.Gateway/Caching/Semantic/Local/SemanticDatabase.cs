using Dapper;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Storage;
using Microsoft.Data.Sqlite;

namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>
/// The entries in an SQLite file, bounded as those in memory are: the oldest make way first. For one thread at a time, and one
/// process. Texts and vectors have a table of their own, so that looking for what is to go does not read them.
/// </summary>
internal sealed class SemanticDatabase : IDisposable
{
    // A number of this program's own, so that no other database is taken for one of these; and of what follows below.
    private const int ApplicationId = 0x4C4F5343;
    private const int Version = 1;

    // SQLite's primary result code of statements that do not fit the tables.
    private const int Error = 1;

    private const int RemovedAtOnce = 100;

    private const string Schema = """
        CREATE TABLE spaces (id INTEGER PRIMARY KEY, model TEXT NOT NULL, dimensions INTEGER NOT NULL, UNIQUE (model, dimensions));
        CREATE TABLE entries (
            number INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, space INTEGER NOT NULL, scope BLOB NOT NULL,
            tenant TEXT NOT NULL, model TEXT NOT NULL, prompt TEXT, provider TEXT NOT NULL, provider_model TEXT NOT NULL, cost INTEGER,
            expires INTEGER NOT NULL, bytes INTEGER NOT NULL);
        CREATE INDEX entries_by_space ON entries (space);
        CREATE INDEX entries_by_expiry ON entries (expires);
        CREATE TABLE contents (number INTEGER PRIMARY KEY, question TEXT NOT NULL, vector BLOB NOT NULL, answer BLOB NOT NULL);
        """;

    private readonly SqliteConnection _connection;
    private readonly int _maxEntries;
    private readonly long _maxBytes;
    private Dictionary<EmbeddingSpace, long> _spaces;
    private long _entries;
    private long _bytes;

    private SemanticDatabase(SqliteConnection connection, int maxEntries, long maxBytes)
    {
        (_connection, _maxEntries, _maxBytes) = (connection, maxEntries, maxBytes);
        _spaces = connection.Query<(long Id, string Model, long Dimensions)>("SELECT id, model, dimensions FROM spaces")
            .ToDictionary(space => new EmbeddingSpace(space.Model, (int)space.Dimensions), space => space.Id);
        Newest = connection.ExecuteScalar<long>("SELECT COALESCE(MAX(number), 0) FROM entries");
        Count();
    }

    /// <summary>The space of the newest entry; null where there is none.</summary>
    public EmbeddingSpace? NewestSpace
    {
        get
        {
            var id = _connection.QueryFirstOrDefault<long?>("SELECT space FROM entries ORDER BY number DESC LIMIT 1");
            return _spaces.FirstOrDefault(space => space.Value == id).Key;
        }
    }

    /// <summary>The number of the entry that was the newest when the file was opened; 0 where there was none.</summary>
    public long Newest { get; }

    /// <summary>Opens a file, or makes a new one.</summary>
    /// <exception cref="InvalidDataException">The file is something else, or of another version.</exception>
    public static SemanticDatabase Open(string path, int maxEntries, long maxBytes)
    {
        var connection = SqliteFile.Open(path, isExclusive: true);
        try
        {
            if (connection.ExecuteScalar<long>("SELECT COUNT(*) FROM sqlite_master") == 0)
            {
                connection.Execute($"BEGIN; {Schema} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version}; COMMIT");
            }
            else if (connection.ExecuteScalar<long>("PRAGMA application_id") != ApplicationId || connection.ExecuteScalar<long>("PRAGMA user_version") != Version)
            {
                throw new InvalidDataException("its format is not known");
            }

            return new SemanticDatabase(connection, maxEntries, maxBytes);
        }
        catch (Exception exception)
        {
            connection.Dispose();
            if (exception is SqliteException { SqliteErrorCode: Error })
            {
                throw new InvalidDataException("its tables are not those of its version", exception);
            }

            throw;
        }
    }

    /// <summary>Writes entries, in their order, all of them or none.</summary>
    public void Write(IReadOnlyList<SemanticEntry> entries)
    {
        InTransaction(() =>
        {
            foreach (var entry in entries)
            {
                Write(entry);
            }

            while ((_entries > _maxEntries || _bytes > _maxBytes) && RemoveOldest())
            {
            }
        });
    }

    /// <summary>Removes an entry.</summary>
    public void Remove(Guid id) => InTransaction(() => RemoveWhere("id = @value", id.ToByteArray()));

    /// <summary>Removes what belongs to a scope.</summary>
    public void Clear(ClearedScope scope)
    {
        InTransaction(() =>
        {
            if (scope.Kind is null)
            {
                _connection.Execute("DELETE FROM contents; DELETE FROM entries");
                (_entries, _bytes) = (0, 0);
            }
            else
            {
                RemoveWhere($"{scope.Kind} = @value", scope.Name);
            }
        });

        _connection.Execute("PRAGMA incremental_vacuum");
    }

    /// <summary>Removes what is over its time.</summary>
    public void Sweep(DateTimeOffset now) => InTransaction(() => RemoveWhere("expires <= @value", now.ToUnixTimeMilliseconds()));

    /// <summary>Reads entries of a space, newest first.</summary>
    /// <param name="space">The space.</param>
    /// <param name="below">Only those with smaller numbers.</param>
    /// <param name="most">Most entries.</param>
    /// <param name="now">Only those that are not over their time then.</param>
    /// <returns>The entries with their numbers; none where there are no more.</returns>
    public IReadOnlyList<(long Number, SemanticEntry Entry)> Read(EmbeddingSpace space, long below, int most, DateTimeOffset now) =>
        !_spaces.TryGetValue(space, out var id) ? [] :
        [
            .. _connection.Query<SemanticRow>("""
                SELECT number, id, scope, tenant, model, prompt, provider, provider_model AS ProviderModel, cost, expires, question, vector, answer
                FROM entries JOIN contents USING (number)
                WHERE space = @id AND number < @below AND expires > @now
                ORDER BY number DESC LIMIT @most
                """, new { id, below, most, now = now.ToUnixTimeMilliseconds() }).Select(row => (row.Number, row.ToEntry(space))),
        ];

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private void Write(SemanticEntry entry)
    {
        var row = SemanticRow.Of(entry, SpaceOf(entry.Space));
        Remove(_connection.Query<(long, long)>("SELECT number, bytes FROM entries WHERE id = @Id", row));
        row.Number = _connection.ExecuteScalar<long>("""
            INSERT INTO entries (id, space, scope, tenant, model, prompt, provider, provider_model, cost, expires, bytes)
            VALUES (@Id, @Space, @Scope, @Tenant, @Model, @Prompt, @Provider, @ProviderModel, @Cost, @Expires, @Bytes);
            SELECT last_insert_rowid()
            """, row);
        _connection.Execute("INSERT INTO contents (number, question, vector, answer) VALUES (@Number, @Question, @Vector, @Answer)", row);
        (_entries, _bytes) = (_entries + 1, _bytes + row.Bytes);
    }

    private bool RemoveOldest()
    {
        var oldest = _connection.Query<(long Number, long Bytes)>("SELECT number, bytes FROM entries ORDER BY number LIMIT @RemovedAtOnce", new { RemovedAtOnce }).ToList();
        var (entries, bytes) = (_entries, _bytes);
        Remove(oldest.TakeWhile(row =>
        {
            var goes = entries > _maxEntries || bytes > _maxBytes;
            (entries, bytes) = (entries - 1, bytes - row.Bytes);
            return goes;
        }));
        return oldest.Count > 0;
    }

    private void Remove(IEnumerable<(long Number, long Bytes)> rows)
    {
        foreach (var (number, bytes) in rows)
        {
            _connection.Execute("DELETE FROM contents WHERE number = @number; DELETE FROM entries WHERE number = @number", new { number });
            (_entries, _bytes) = (_entries - 1, _bytes - bytes);
        }
    }

    private void RemoveWhere(string condition, object value)
    {
        if (_connection.Execute($"DELETE FROM contents WHERE number IN (SELECT number FROM entries WHERE {condition}); DELETE FROM entries WHERE {condition}", new { value }) > 0)
        {
            Count();
        }
    }

    private void Count() => (_entries, _bytes) = _connection.QuerySingle<(long, long)>("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM entries");

    private long SpaceOf(EmbeddingSpace space)
    {
        if (!_spaces.TryGetValue(space, out var id))
        {
            id = _connection.ExecuteScalar<long>("INSERT INTO spaces (model, dimensions) VALUES (@Model, @Dimensions); SELECT last_insert_rowid()", space);
            _spaces.Add(space, id);
        }

        return id;
    }

    private void InTransaction(Action action)
    {
        var before = (_entries, _bytes, new Dictionary<EmbeddingSpace, long>(_spaces));
        using var transaction = _connection.BeginTransaction();
        try
        {
            action();
            transaction.Commit();
        }
        catch
        {
            // As if nothing had been done.
            (_entries, _bytes, _spaces) = before;
            throw;
        }
    }
}
