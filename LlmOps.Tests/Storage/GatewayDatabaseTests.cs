using System.Text.Json;
using Dapper;
using LlmOps.Gateway.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Storage;

/// <summary>The gateway and its database: what it starts with, and what /health says of it.</summary>
public sealed class GatewayDatabaseTests : IAsyncLifetime
{
    private const string Asks = """{"model":"offline","messages":[{"role":"user","content":"What is 6 * 7?"}]}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;
    private readonly GatewayApplication _gateway = new();

    private string Data => Path.Combine(_folder, "data");

    private string Database => Path.Combine(Data, "llmops.db");

    public Task InitializeAsync()
    {
        Directory.CreateDirectory(Data);
        _gateway.With("Gateway:Data:Folder", Data);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task WithoutPostgres_RecordsAreInTheDataFolder_ForItsOwnerAlone()
    {
        (await HealthAsync("sqlite")).ShouldBe(("healthy", "up"));
        await _gateway.Services.GetRequiredService<IDatabase>().WriteAsync(connection => connection.ExecuteAsync("INSERT INTO settings (name, value) VALUES ('a', '1')"));

        File.GetUnixFileMode(Database).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _gateway.Services.GetRequiredService<DataFolder>().Own.ShouldBe(Data);
    }

    [Fact]
    public async Task Restart_KeepsTheRecords()
    {
        using (var before = new SqliteDatabase(Database, TimeProvider.System))
        {
            await before.WriteAsync(connection => connection.ExecuteAsync("INSERT INTO settings (name, value) VALUES ('a', '1')"));
        }

        _ = _gateway.Http;

        (await CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task FileThatIsDamaged_IsSetAside_AndANewOneBegins()
    {
        await File.WriteAllTextAsync(Database, new string('x', 10_000));

        var (status, description) = await HealthAsync("sqlite");

        (status, description).ShouldBe(("degraded", "llmops.db could not be read; it is kept as llmops.db.unreadable, and a new one has begun"));
        (await File.ReadAllTextAsync(Database + ".unreadable")).ShouldStartWith("xxx");
        (await CountAsync()).ShouldBe(0);
        (await _gateway.Logs.FirstAsync(log => log.Level == LogLevel.Error)).Message.ShouldContain("llmops.db.unreadable");
    }

    [Fact]
    public async Task FileOfALaterProgram_IsRefusedAndLeftAsItIs()
    {
        using (var later = new SqliteDatabase(Database, TimeProvider.System))
        {
            await later.WriteAsync(connection => connection.ExecuteAsync("INSERT INTO schema_migrations (name, applied_at) VALUES ('999-later.sql', 1)"));
        }

        await using var gateway = GatewayProcess.Start(_folder);

        (await gateway.ExitAsync()).ShouldBe(1);
        gateway.Output.ShouldContain("written by a later version of this program (migration 999-later.sql)");
        gateway.Output.ShouldNotContain("   at ");
        using var connection = SqliteFile.Open(Database, isExclusive: false);
        connection.ExecuteScalar<long>("SELECT COUNT(*) FROM schema_migrations WHERE name = '999-later.sql'").ShouldBe(1);
    }

    [Fact]
    public async Task FolderThatCannotBeWritten_StartsInMemory_AndSaysSo()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");

        await using var gateway = await GatewayProcess.Start(_folder, ("Gateway__Data__Folder", Path.Combine(file, "data"))).ReadyAsync();

        using var answer = await gateway.Http.PostAsync("/v1/chat/completions", new StringContent(Asks, System.Text.Encoding.UTF8, "application/json"));
        answer.IsSuccessStatusCode.ShouldBeTrue();
        (await gateway.Http.GetStringAsync("/health")).ShouldContain("\"sqlite\":{\"status\":\"degraded\",\"description\":\"in memory: its file cannot be written, and what is recorded ends with this run\"");
        await Conditions.HoldsAsync(() => Task.FromResult(gateway.Output.Contains("cannot be written", StringComparison.Ordinal) && gateway.Output.Contains("kept in memory", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task PostgresThatIsDown_StopsNeitherTheStartNorAnswers()
    {
        _gateway.With("ConnectionStrings:llmops", $"postgres://u:hunter2@127.0.0.1:{Ports.Free()}/db");

        using var answer = await _gateway.CompleteAsync(Asks);

        answer.IsSuccessStatusCode.ShouldBeTrue();
        (await _gateway.Logs.FirstAsync(log => log.Message.StartsWith("PostgreSQL at", StringComparison.Ordinal))).Message.ShouldContain("is not available: the connection was refused");
        (await HealthAsync("postgresql")).ShouldBe(("degraded", "down: the connection was refused"));
        (await _gateway.Http.GetAsync("/health/ready")).IsSuccessStatusCode.ShouldBeTrue();
        File.Exists(Database).ShouldBeFalse();
        string.Concat(_gateway.Logs.All.Select(log => log.Message + log.Exception)).ShouldNotContain("hunter2");
    }

    [PostgresFact]
    public async Task PostgresThatIsThere_IsUp_AlsoAfterACrash()
    {
        await using var server = await PostgresServer.StartAsync();
        _gateway.With("Gateway:Storage:ConnectionString", await server.CreateDatabaseAsync());
        await Conditions.HoldsAsync(async () => await HealthAsync("postgresql") == ("healthy", "up"));
        (await CountAsync()).ShouldBe(0);

        await server.KillAsync();
        await Conditions.HoldsAsync(async () => await HealthAsync("postgresql") == ("degraded", "down: the connection was refused"));
        await server.RestartAsync();

        await Conditions.HoldsAsync(async () => await HealthAsync("postgresql") == ("healthy", "up"));
        (await CountAsync()).ShouldBe(0);
    }

    private Task<long> CountAsync() => _gateway.Services.GetRequiredService<IDatabase>().ReadAsync(connection => connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM settings WHERE name = 'a'"));

    private async Task<(string? Status, string? Description)> HealthAsync(string database)
    {
        var health = JsonElement.Parse(await _gateway.Http.GetStringAsync("/health")).GetProperty("dependencies").GetProperty(database);
        return (health.GetProperty("status").GetString(), health.GetProperty("description").GetString());
    }
}
