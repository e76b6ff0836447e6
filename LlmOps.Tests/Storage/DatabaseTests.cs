using System.Reflection;
using Dapper;
using LlmOps.Gateway.Storage;
using Xunit.Sdk;

namespace LlmOps.Tests.Storage;

/// <summary>What both databases do alike, with the same SQL.</summary>
public sealed class DatabaseTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private const string Insert = "INSERT INTO settings (name, value) VALUES (@name, @value)";

    private readonly CollectedLogs _logs = new();
    private IDatabase _database = null!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_database is PostgresDatabase shared)
        {
            await shared.DisposeAsync();
        }

        (_database as IDisposable)?.Dispose();
        _logs.Dispose();
    }

    [Theory, Sqlite, Postgres]
    public async Task Write_IsThereForTheNextRead(string name)
    {
        await OpenAsync(name);

        var written = await _database.WriteAsync(async connection => await connection.ExecuteAsync(Insert, new { name = "a", value = "ä ' \" ; 1" }));

        written.ShouldBe(1);
        (await ReadAsync("a")).ShouldBe("ä ' \" ; 1");
        (await ReadAsync("b")).ShouldBeNull();
        _database.Name.ShouldBe(name);
        _database.IsShared.ShouldBe(name == "postgresql");
    }

    [Theory, Sqlite, Postgres]
    public async Task PortableStatements_MeanTheSame(string name)
    {
        await OpenAsync(name);

        var rows = await _database.WriteAsync(async connection =>
        {
            await connection.ExecuteAsync("CREATE TABLE usage (id TEXT PRIMARY KEY, spent BIGINT NOT NULL, tag TEXT)");
            await connection.ExecuteAsync("INSERT INTO usage (id, spent, tag) VALUES ('a', 1, NULL), ('b', 9223372036854775807, 'x')");
            return (await connection.QueryAsync<(string Id, long Spent, string? Tag)>(
                "INSERT INTO usage (id, spent, tag) VALUES ('a', @spent, @tag), ('c', 3, NULL) ON CONFLICT (id) DO UPDATE SET spent = usage.spent + excluded.spent RETURNING id, spent, tag",
                new { spent = 41L, tag = (string?)null })).ToList();
        });
        var ignored = await _database.WriteAsync(connection => connection.ExecuteAsync("INSERT INTO usage (id, spent) VALUES ('a', 5), ('d', 4) ON CONFLICT (id) DO NOTHING"));
        var sum = await _database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT CAST(SUM(spent) AS BIGINT) FROM usage WHERE id <> 'b'"));

        rows.ShouldBe([("a", 42, null), ("c", 3, null)]);
        ignored.ShouldBe(1);
        sum.ShouldBe(49);
        (await _database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT spent FROM usage WHERE id = 'b'"))).ShouldBe(long.MaxValue);
    }

    [Theory, Sqlite, Postgres]
    public async Task WriteThatThrows_LeavesNothing_AndTellsNobody(string name)
    {
        await OpenAsync(name);
        var told = 0;
        using var subscription = _database.Subscribe("keys", () => told++);
        var before = told;

        await Should.ThrowAsync<InvalidOperationException>(() => _database.WriteAsync<int>(
            async connection =>
            {
                await connection.ExecuteAsync(Insert, new { name = "a", value = "1" });
                throw new InvalidOperationException("changed my mind");
            },
            channel: "keys"));

        (await ReadAsync("a")).ShouldBeNull();
        await _database.WriteAsync(connection => connection.ExecuteAsync(Insert, new { name = "b", value = "1" }), channel: "keys");
        await Conditions.HoldsAsync(() => Task.FromResult(told > before));
        told.ShouldBe(before + 1);
    }

    [Theory, Sqlite, Postgres]
    public async Task Conflict_IsRefused_AndRollsBack(string name)
    {
        await OpenAsync(name);
        await _database.WriteAsync(connection => connection.ExecuteAsync(Insert, new { name = "a", value = "1" }));

        var exception = await Should.ThrowAsync<DatabaseException>(() => _database.WriteAsync(async connection =>
        {
            await connection.ExecuteAsync(Insert, new { name = "b", value = "secret" });
            return await connection.ExecuteAsync(Insert, new { name = "a", value = "secret" });
        }));

        exception.IsRefused.ShouldBeTrue();
        exception.ToString().ShouldNotContain("secret");
        (await ReadAsync("a")).ShouldBe("1");
        (await ReadAsync("b")).ShouldBeNull();
    }

    [Theory, Sqlite, Postgres]
    public async Task StatementsAtFault_AreRefused_AndOpenNoBreaker(string name)
    {
        await OpenAsync(name);

        for (var times = 0; times < 30; times++)
        {
            var syntax = await Should.ThrowAsync<DatabaseException>(() => _database.ReadAsync(connection => connection.ExecuteScalarAsync<int>("SELEC 1")));
            var missing = await Should.ThrowAsync<DatabaseException>(() => _database.WriteAsync(connection => connection.ExecuteAsync("INSERT INTO settings (name) VALUES ('a')")));
            (syntax.IsRefused, missing.IsRefused).ShouldBe((true, true));
        }

        (await ReadAsync("a")).ShouldBeNull();
        Fault().ShouldBeNull();
    }

    [Theory, Sqlite, Postgres]
    public async Task CallThatTakesTooLong_EndsAtItsDeadline_AndTheNextOneIsServed(string name)
    {
        await OpenAsync(name, new StorageOptions { CallTimeout = TimeSpan.FromMilliseconds(300) });
        var gate = new TaskCompletionSource();

        var exception = await Should.ThrowAsync<DatabaseException>(() => _database.ReadAsync(async connection =>
        {
            await gate.Task;
            return await connection.ExecuteScalarAsync<int>("SELECT 1");
        }));

        exception.Message.ShouldContain("within 300 ms");
        exception.IsRefused.ShouldBeFalse();
        gate.SetResult();
        await Conditions.HoldsAsync(async () => await TryReadAsync("a"));
    }

    [Fact]
    public async Task WriteThatSqliteDoesAfterItsDeadline_IsTold()
    {
        await OpenAsync("sqlite", new StorageOptions { CallTimeout = TimeSpan.FromMilliseconds(300) });
        var told = 0;
        using var subscription = _database.Subscribe("keys", () => Interlocked.Increment(ref told));
        var gate = new TaskCompletionSource();

        await Should.ThrowAsync<DatabaseException>(() => _database.WriteAsync(
            async connection =>
            {
                await gate.Task;
                return await connection.ExecuteAsync(Insert, new { name = "a", value = "1" });
            },
            channel: "keys"));
        told.ShouldBe(0);
        gate.SetResult();

        await Conditions.HoldsAsync(() => Task.FromResult(told == 1));
        (await ReadAsync("a")).ShouldBe("1");
    }

    [Theory, Sqlite, Postgres]
    public async Task CallerWhoLeaves_IsLetGo(string name)
    {
        await OpenAsync(name);
        using var leaving = new CancellationTokenSource();
        var gate = new TaskCompletionSource<int>();

        var call = _database.ReadAsync(_ => gate.Task, leaving.Token);
        await leaving.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => call);
        gate.SetResult(1);
        (await ReadAsync("a")).ShouldBeNull();
        Fault().ShouldBeNull();
    }

    [Theory, Sqlite, Postgres]
    public async Task ListenersOfAChannel_AreTold_AndOneThatThrowsIsNoOthersFault(string name)
    {
        await OpenAsync(name);
        var (told, other) = (0, 0);
        using var broken = _database.Subscribe("keys", () => throw new InvalidOperationException("broken"));
        using var listening = _database.Subscribe("keys", () => Interlocked.Increment(ref told));
        using var elsewhere = _database.Subscribe("prompts", () => Interlocked.Increment(ref other));

        await _database.WriteAsync(connection => connection.ExecuteAsync(Insert, new { name = "a", value = "1" }), channel: "keys");

        await Conditions.HoldsAsync(() => Task.FromResult(told > 0));
        other.ShouldBe(0);
        (await _logs.FirstAsync(log => log.Exception is InvalidOperationException)).Message.ShouldContain("keys");
    }

    private async Task OpenAsync(string name, StorageOptions? options = null) =>
        _database = name == "postgresql"
            ? await TestDatabase.ReadyAsync(await postgres.Server.CreateDatabaseAsync(), _logs, options)
            : new SqliteDatabase(path: null, TimeProvider.System, options, TestDatabase.LoggerOf<SqliteDatabase>(_logs));

    private Task<string?> ReadAsync(string name) => _database.ReadAsync(connection => connection.QuerySingleOrDefaultAsync<string?>("SELECT value FROM settings WHERE name = @name", new { name }));

    private async Task<bool> TryReadAsync(string name)
    {
        try
        {
            await ReadAsync(name);
            return true;
        }
        catch (DatabaseException)
        {
            return false;
        }
    }

    private string? Fault() => _database is PostgresDatabase shared ? shared.Fault : ((SqliteDatabase)_database).Fault;

    /// <summary>The test with SQLite.</summary>
    private sealed class SqliteAttribute : DataAttribute
    {
        public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [["sqlite"]];
    }

    /// <summary>The test with PostgreSQL; skipped where that is missing.</summary>
    private sealed class PostgresAttribute : DataAttribute
    {
        public PostgresAttribute() => Skip = PostgresServer.Missing;

        public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [["postgresql"]];
    }
}
