using Dapper;
using LlmOps.Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Storage;

/// <summary>Several gateways on one PostgreSQL that is well.</summary>
public sealed class PostgresDatabaseTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>, IAsyncLifetime
{
    private readonly CollectedLogs _logs = new();
    private readonly List<PostgresDatabase> _databases = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var database in _databases)
        {
            await database.DisposeAsync();
        }

        _logs.Dispose();
    }

    [PostgresFact]
    public async Task SeveralThatStartAtOnce_ApplyEachMigrationOnce()
    {
        var url = await postgres.Server.CreateDatabaseAsync();

        for (var count = 0; count < 8; count++)
        {
            Open(url);
        }

        await Task.WhenAll(_databases.Select(TestDatabase.IsUpAsync));
        var applied = (await _databases[0].ReadAsync(connection => connection.QueryAsync<string>("SELECT name FROM schema_migrations ORDER BY name"))).ToList();
        applied.ShouldContain("001-access.sql");
        applied.ShouldBeUnique();
        _logs.All.ShouldNotContain(log => log.Level > LogLevel.Information);
    }

    [PostgresFact]
    public async Task DatabaseOfALaterProgram_IsLeftAlone()
    {
        var url = await postgres.Server.CreateDatabaseAsync();
        await (await ReadyAsync(url)).WriteAsync(connection => connection.ExecuteAsync("INSERT INTO schema_migrations (name, applied_at) VALUES ('999-later.sql', 1)"));

        var database = Open(url);

        (await _logs.FirstAsync(log => log.Message.Contains("later version", StringComparison.Ordinal))).Level.ShouldBe(LogLevel.Warning);
        database.Fault.ShouldBe("the database was written by a later version of this program (migration 999-later.sql)");
        (await Should.ThrowAsync<DatabaseException>(() => OneAsync(database))).Message.ShouldContain("later version");
    }

    [PostgresFact]
    public async Task WriteOfOne_IsToldToTheOthers()
    {
        var url = await postgres.Server.CreateDatabaseAsync();
        var (writer, listener) = (await ReadyAsync(url), await ReadyAsync(url));
        var (told, mine, other) = (0, 0, 0);
        using var subscription = listener.Subscribe("keys", () => Interlocked.Increment(ref told));
        using var own = writer.Subscribe("keys", () => Interlocked.Increment(ref mine));
        using var elsewhere = listener.Subscribe("prompts", () => Interlocked.Increment(ref other));

        await writer.WriteAsync(connection => connection.ExecuteAsync("INSERT INTO settings (name, value) VALUES ('a', '1')"), channel: "keys");

        await Conditions.HoldsAsync(() => Task.FromResult(told == 1 && mine == 1));
        other.ShouldBe(0);
    }

    [PostgresFact]
    public async Task SubscriptionThatIsDisposed_HearsNothing()
    {
        var database = await ReadyAsync(await postgres.Server.CreateDatabaseAsync());
        var (first, second) = (0, 0);
        var disposed = database.Subscribe("keys", () => Interlocked.Increment(ref first));
        using var kept = database.Subscribe("keys", () => Interlocked.Increment(ref second));

        disposed.Dispose();
        await database.WriteAsync(connection => connection.ExecuteAsync("INSERT INTO settings (name, value) VALUES ('a', '1')"), channel: "keys");

        await Conditions.HoldsAsync(() => Task.FromResult(second == 1));
        first.ShouldBe(0);
    }

    [PostgresFact]
    public async Task ManyCallsAtOnce_ShareFewConnections()
    {
        var database = await ReadyAsync(await postgres.Server.CreateDatabaseAsync(), new StorageOptions { MaxConnections = 2, CallTimeout = TimeSpan.FromSeconds(30) });

        var connections = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => database.ReadAsync(connection => connection.ExecuteScalarAsync<int>("SELECT pg_backend_pid()"))));

        connections.Distinct().Count().ShouldBeInRange(1, 2);
    }

    [PostgresFact]
    public async Task StatementThatTakesTooLong_IsEndedByTheServer()
    {
        var url = await postgres.Server.CreateDatabaseAsync();
        var database = await ReadyAsync(url, new StorageOptions { CallTimeout = TimeSpan.FromMilliseconds(500) });

        (await Should.ThrowAsync<DatabaseException>(() => database.ReadAsync(connection => connection.ExecuteAsync("SELECT pg_sleep(600)")))).IsRefused.ShouldBeFalse();

        var other = await ReadyAsync(url);
        await Conditions.HoldsAsync(async () =>
            await other.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()")) == 0);
    }

    [PostgresTheory]
    [InlineData("/nowhere", "", "it has no such database")]
    [InlineData("", "wrong", "it does not accept the user or the password")]
    public async Task WhatIsWrongWithTheLogin_IsToldWithoutThePassword(string database, string password, string why)
    {
        var url = await postgres.Server.CreateDatabaseAsync();
        url = database.Length > 0 ? postgres.Server.UrlOf(database[1..]) : url.Replace(Uri.EscapeDataString(PostgresServer.Password), password, StringComparison.Ordinal);

        var opened = Open(url);

        var logged = await _logs.FirstAsync(log => log.Level == LogLevel.Warning);
        logged.Message.ShouldContain($"127.0.0.1 is not available: {why}");
        (await Should.ThrowAsync<DatabaseException>(() => OneAsync(opened))).Message.ShouldContain(why);
        string.Concat(_logs.All.Select(log => log.Message + log.Exception)).ShouldNotContain(password.Length > 0 ? password : PostgresServer.Password);
    }

    [Fact]
    public async Task NobodyThere_FailsAtOnce_AndIsToldOnce()
    {
        var database = Open($"postgres://u:hunter2@127.0.0.1:{Ports.Free()}/db");

        await _logs.FirstAsync(log => log.Message.Contains("127.0.0.1 is not available: the connection was refused.", StringComparison.Ordinal));

        (await Should.ThrowAsync<DatabaseException>(() => OneAsync(database))).Message.ShouldBe("PostgreSQL cannot be asked: the connection was refused.");
        _logs.All.ShouldHaveSingleItem().Message.ShouldNotContain("hunter2");
    }

    private PostgresDatabase Open(string url, StorageOptions? options = null)
    {
        _databases.Add(TestDatabase.Open(url, _logs, options));
        return _databases[^1];
    }

    private async Task<PostgresDatabase> ReadyAsync(string url, StorageOptions? options = null)
    {
        var database = Open(url, options);
        await TestDatabase.IsUpAsync(database);
        return database;
    }

    private static Task<int> OneAsync(PostgresDatabase database) => database.ReadAsync(connection => connection.ExecuteScalarAsync<int>("SELECT 1"));
}
