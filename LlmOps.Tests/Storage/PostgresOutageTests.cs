using Dapper;
using LlmOps.Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Storage;

/// <summary>What is left of the database while its PostgreSQL is away, and after.</summary>
public sealed class PostgresOutageTests : IAsyncLifetime
{
    private static readonly StorageOptions Options = new() { CallTimeout = TimeSpan.FromSeconds(1.5), MaxConnections = 2, Breaker = new StorageBreakerOptions { MinimumCalls = 3 } };

    private readonly CollectedLogs _logs = new();
    private PostgresServer _server = null!;
    private PostgresDatabase _database = null!;

    public async Task InitializeAsync()
    {
        if (PostgresServer.Missing is null)
        {
            _server = await PostgresServer.StartAsync();
            _database = await TestDatabase.ReadyAsync(await _server.CreateDatabaseAsync(), _logs, Options);
        }
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _database.DisposeAsync();
            await _server.DisposeAsync();
        }

        _logs.Dispose();
    }

    [PostgresFact]
    public async Task Crash_FailsCallsUntilItIsBack_WithItsRows_AndListenersAreTold()
    {
        var told = 0;
        using var subscription = _database.Subscribe("keys", () => Interlocked.Increment(ref told));
        await WriteAsync("before");
        await _server.KillAsync();

        await Conditions.HoldsAsync(() => Task.FromResult(_database.Fault == "the connection was refused"));
        (await Should.ThrowAsync<DatabaseException>(() => CountAsync())).IsRefused.ShouldBeFalse();
        told.ShouldBe(0);
        await _server.RestartAsync();

        await TestDatabase.IsUpAsync(_database);
        told.ShouldBe(1);
        (await CountAsync()).ShouldBe(1);
        await WriteAsync("after");
        (await CountAsync()).ShouldBe(2);
        _logs.All.Count(log => log.Message.EndsWith("is available.", StringComparison.Ordinal)).ShouldBe(2);
        _logs.All.Where(log => log.Level == LogLevel.Warning).Select(log => log.Message).ShouldBeUnique();
    }

    [PostgresFact]
    public async Task Suspension_FailsCallsInTime_AndEndsWithIt()
    {
        // Connections that hang, and those that are opened anew.
        await Task.WhenAll(CountAsync(), CountAsync());
        _server.Suspend();

        var first = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => FailureAsync()));
        await Conditions.HoldsAsync(() => Task.FromResult(_database.Fault is not null));
        var later = await FailureAsync();

        first.ShouldAllBe(failure => failure.Contains("within 1500 ms", StringComparison.Ordinal) || failure.Contains("cannot be asked", StringComparison.Ordinal));
        later.ShouldContain("cannot be asked");
        _server.Resume();
        await TestDatabase.IsUpAsync(_database);
        (await CountAsync()).ShouldBe(0);
    }

    [PostgresFact]
    public async Task ConnectionsThatHang_AreLeftBehind_ThoughTheServerIsWell()
    {
        var both = new TaskCompletionSource();
        var opened = 0;
        PostgresServer.Suspend(await Task.WhenAll(Enumerable.Range(0, Options.MaxConnections).Select(_ => _database.ReadAsync(async connection =>
        {
            var process = await connection.ExecuteScalarAsync<int>("SELECT pg_backend_pid()");
            if (Interlocked.Increment(ref opened) == Options.MaxConnections)
            {
                both.SetResult();
            }

            await both.Task;
            return process;
        }))));

        (await FailureAsync()).ShouldContain("within 1500 ms");

        await Conditions.HoldsAsync(async () => await FailureAsync() == "");
    }

    [PostgresFact]
    public async Task ConnectionThatIsCut_IsMadeAnew()
    {
        var told = 0;
        using var subscription = _database.Subscribe("keys", () => Interlocked.Increment(ref told));

        await _server.ExecuteAsync("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'test1'");

        await Conditions.HoldsAsync(() => Task.FromResult(told > 0 && _database.Fault is null));
        (await CountAsync()).ShouldBe(0);
    }

    [PostgresFact]
    public async Task DatabaseThatBeginsAnew_GetsItsTables()
    {
        await WriteAsync("before");

        await _server.ExecuteAsync("postgres", "DROP DATABASE test1 WITH (FORCE)");
        await Conditions.HoldsAsync(() => Task.FromResult(_database.Fault == "it has no such database"));
        await _server.ExecuteAsync("postgres", "CREATE DATABASE test1");

        await TestDatabase.IsUpAsync(_database);
        (await CountAsync()).ShouldBe(0);
    }

    [PostgresFact]
    public async Task StartWithoutIt_IsMadeUpForWhenItComes()
    {
        var url = await _server.CreateDatabaseAsync();
        await _server.KillAsync();
        await using var database = TestDatabase.Open(url, _logs, Options);
        var told = 0;
        using var subscription = database.Subscribe("keys", () => Interlocked.Increment(ref told));
        await Conditions.HoldsAsync(() => Task.FromResult(database.Fault == "the connection was refused"));

        await _server.RestartAsync();

        await TestDatabase.IsUpAsync(database);
        told.ShouldBe(1);
        (await database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM keys"))).ShouldBe(0);
    }

    [PostgresFact]
    public async Task LocksThatAreNotLetGo_OpenTheBreaker_WhichClosesByItself()
    {
        var gate = new TaskCompletionSource();
        await using var other = await TestDatabase.ReadyAsync(_server.UrlOf("test1"), _logs, new StorageOptions { CallTimeout = TimeSpan.FromMinutes(1) });
        var holding = other.WriteAsync(async connection =>
        {
            await connection.ExecuteAsync("LOCK TABLE settings");
            await gate.Task;
            return 0;
        });

        await Conditions.HoldsAsync(async () => (await FailureAsync()).Contains("left alone", StringComparison.Ordinal));
        (await _logs.FirstAsync(log => log.Message.Contains("too many calls failed", StringComparison.Ordinal))).Level.ShouldBe(LogLevel.Warning);

        gate.SetResult();
        await holding;
        await TestDatabase.IsUpAsync(_database);
        (await CountAsync()).ShouldBe(0);
    }

    private Task<long> CountAsync() => _database.ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM settings"));

    private Task<int> WriteAsync(string name) => _database.WriteAsync(connection => connection.ExecuteAsync("INSERT INTO settings (name, value) VALUES (@name, '1')", new { name }));

    private async Task<string> FailureAsync()
    {
        try
        {
            await CountAsync();
            return "";
        }
        catch (DatabaseException exception)
        {
            return exception.Message;
        }
    }
}
