using System.Net;
using System.Text.Json;
using Dapper;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Access;

/// <summary>What replicas know of a database that they share, and what they do without it.</summary>
public sealed class AccessDirectoryTests : IDisposable
{
    private readonly SharedDatabase _database = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    private string Copy => Path.Combine(_folder, "access.json");

    public void Dispose()
    {
        _database.End();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task ChangeByOneReplica_IsKnownToTheOther()
    {
        await using var one = Replica(ownFolder: true);
        await using var other = Replica(ownFolder: true);
        _ = other.Http;

        var (id, key) = await one.CreateKeyAsync("""{"name":"ci"}""");
        await Conditions.HoldsAsync(async () => (await other.AskAsync(key)).Status == 200);
        await one.AdministerAsync("DELETE", $"/admin/keys/{id}");

        await Conditions.HoldsAsync(async () => (await other.AskAsync(key)).Status == 401);
    }

    [Fact]
    public async Task Requests_DoNotAskTheDatabase()
    {
        await using var gateway = Replica();
        var (_, key) = await gateway.CreateKeyAsync("""{"name":"ci"}""");
        await gateway.AskAsync(key);
        await Conditions.HoldsAsync(() => Task.FromResult(Directories(gateway).Missing is null));
        _database.IsDown = true;

        for (var count = 0; count < 20; count++)
        {
            (await gateway.AskAsync(key)).Status.ShouldBe(200);
            (await gateway.AskAsync(key + "x")).Status.ShouldBe(401);
        }
    }

    [Fact]
    public async Task DatabaseThatIsAway_LeavesWhatIsKnownAndShows()
    {
        var time = new ManualTime();
        await using var gateway = Replica().WithServices(services => services.AddSingleton<TimeProvider>(time));
        var (_, key) = await gateway.CreateKeyAsync("""{"name":"ci"}""");
        _database.IsDown = true;

        // The reading that is due now and then finds it away.
        await Conditions.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(30));
            return Task.FromResult(Directories(gateway).Missing is not null);
        });

        using (var response = await gateway.SendAsync("POST", "/v1/chat/completions", key, """{"model":"offline","messages":[{"role":"user","content":"Hi"}]}"""))
        {
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            response.Headers.GetValues("X-LlmOps-Degraded").Single().ShouldContain("postgresql");
        }

        var health = JsonElement.Parse(await gateway.Http.GetStringAsync("/health")).GetProperty("dependencies").GetProperty("access");
        health.GetProperty("status").GetString().ShouldBe("degraded");
        health.GetProperty("description").GetString()!.ShouldContain("It is down.");
        var refusal = await gateway.RefusalAsync("POST", "/admin/keys", """{"name":"ci"}""");
        (refusal.Status, refusal.Code).ShouldBe((503, "DATABASE_UNAVAILABLE"));
        (await gateway.AdministerAsync("GET", "/admin/keys")).GetProperty("data").GetArrayLength().ShouldBe(1);

        _database.IsDown = false;
        await Conditions.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(Directories(gateway).Missing is null);
        });
        await gateway.CreateKeyAsync("""{"name":"ci"}""");
        gateway.Logs.All.Count(log => log.Message.Contains("Keys and users cannot be read from postgresql", StringComparison.Ordinal)).ShouldBe(1);
        gateway.Logs.All.Count(log => log.Message.Contains("Keys and users are read from postgresql again", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task RestartWithoutTheDatabase_KnowsWhoWasKnownAndLearnsTheRestLater()
    {
        string key;
        await using (var first = Replica())
        {
            (_, key) = await first.CreateKeyAsync("""{"name":"ci","models":["offline"]}""");
            File.GetUnixFileMode(Copy).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            (await File.ReadAllTextAsync(Copy)).ShouldNotContain(key);
        }

        _database.IsDown = true;
        await using var second = Replica();

        (await second.AskAsync(key)).Status.ShouldBe(200);
        (await second.AskAsync(key, "gpt-4o")).Status.ShouldBe(403);
        (await second.AskAsync("sk-llmops-nobody")).Status.ShouldBe(401);
        _database.IsDown = false;
        await Conditions.HoldsAsync(() => Task.FromResult(Directories(second).Missing is null));
        await second.CreateKeyAsync("""{"name":"another"}""");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{ damaged")]
    [InlineData("{}")]
    public async Task StartWithoutDatabaseAndCopy_SaysThatKeysCannotBeChecked(string? copy)
    {
        if (copy is not null)
        {
            await File.WriteAllTextAsync(Copy, copy);
        }

        _database.IsDown = true;
        await using var gateway = Replica();

        var (status, body) = await gateway.AskAsync("sk-llmops-somebody");

        status.ShouldBe(503);
        body.ShouldContain("database_unavailable");
        (await gateway.AskAsync(GatewayApplication.AdministratorKey)).Status.ShouldBe(200, "the configured key needs no database");
        (await gateway.AskAsync("sk-anything")).Status.ShouldBe(401);
    }

    [Theory]
    [InlineData("keys", "roles = 'boss'")]
    [InlineData("keys", "budget = '{\"usd\":1,\"period\":\"decade\"}'")]
    [InlineData("keys", "limits = '{'")]
    [InlineData("keys", "hash = 'short'")]
    [InlineData("users", "roles = 'boss'")]
    [InlineData("teams", "limits = '[]'")]
    public async Task RowThatCannotBeUnderstood_DoesNotHoldAndTheOthersDo(string table, string change)
    {
        await using var gateway = Required();
        await gateway.AdministerAsync("PUT", "/admin/teams/dev", """{"tenant":"acme"}""");
        await gateway.AdministerAsync("POST", "/admin/users", """{"username":"ann","team":"dev"}""", HttpStatusCode.Created);
        var (_, bad) = await gateway.CreateKeyAsync("""{"name":"bad","user":"ann"}""");
        var (_, good) = await gateway.CreateKeyAsync("""{"name":"good"}""");
        (await gateway.AskAsync(bad)).Status.ShouldBe(200);

        await Directories(gateway).ChangeAsync(connection => connection.ExecuteAsync($"UPDATE {table} SET {change} WHERE name IN ('bad', 'ann', 'dev')"));

        (await gateway.AskAsync(bad)).Status.ShouldBe(401);
        (await gateway.AskAsync(good)).Status.ShouldBe(200);
        (await gateway.AskAsync((await gateway.CreateKeyAsync("""{"name":"later"}""")).Key)).Status.ShouldBe(200);
        (await gateway.Logs.FirstAsync(log => log.Message.Contains("cannot be understood", StringComparison.Ordinal))).Message.ShouldContain($"{table[..^1]}:");
        (await gateway.Http.GetStringAsync("/health")).ShouldContain("cannot be understood, and do not hold");
    }

    [Fact]
    public async Task ReadingThatFailsInAnyWay_LeavesWhatIsKnownAndIsTriedAgain()
    {
        await using var gateway = Required();
        var (_, key) = await gateway.CreateKeyAsync("""{"name":"ci"}""");
        var secret = "";
        await Directories(gateway).ChangeAsync(async connection =>
        {
            secret = await connection.QuerySingleAsync<string>("SELECT value FROM settings WHERE name = 'token_secret'");
            return await connection.ExecuteAsync("UPDATE settings SET value = 'no base64!' WHERE name = 'token_secret'");
        });

        (await gateway.AskAsync(key)).Status.ShouldBe(200);
        Directories(gateway).Missing.ShouldNotBeNull();
        (await gateway.Logs.FirstAsync(log => log.Exception is FormatException)).Message.ShouldContain("cannot be understood");

        await Directories(gateway).ChangeAsync(connection => connection.ExecuteAsync("UPDATE settings SET value = @secret WHERE name = 'token_secret'", new { secret }));
        Directories(gateway).Missing.ShouldBeNull();
        (await gateway.AskAsync((await gateway.CreateKeyAsync("""{"name":"later"}""")).Key)).Status.ShouldBe(200);
    }

    [PostgresFact]
    public async Task RealPostgres_TellsTheOtherReplicaAndIsNotNeededForARestart()
    {
        await using var server = await PostgresServer.StartAsync();
        var url = await server.CreateDatabaseAsync();
        await using var one = Replica(url);
        await using var other = Replica(url);
        (_, _) = (one.Http, other.Http);
        await Conditions.HoldsAsync(() => Task.FromResult(Directories(one).Missing is null && Directories(other).Missing is null));
        await one.AdministerAsync("PUT", "/admin/teams/dev", """{"tenant":"acme","limits":{"concurrency":5}}""");
        await one.AdministerAsync("POST", "/admin/users", """{"username":"ann","team":"dev","password":"a long password"}""", HttpStatusCode.Created);
        var (id, key) = await one.CreateKeyAsync("""{"name":"ci","user":"ann","budget":{"usd":1.000000001,"period":"day"},"metadata":{"a":1}}""");
        await Conditions.HoldsAsync(async () => (await other.AskAsync(key)).Status == 200);
        var rotated = await other.AdministerAsync("POST", $"/admin/keys/{id}/rotate", "{}");
        await Conditions.HoldsAsync(async () => (await one.AskAsync(rotated.GetProperty("key").GetString())).Status == 200);
        (await one.RefusalAsync("POST", "/admin/users", """{"username":"ann"}""")).Status.ShouldBe(409);
        var (_, free) = await one.CreateKeyAsync("""{"name":"free","user":"ann"}""");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(count => (count % 2 == 0 ? one : other).CreateKeyAsync("""{"name":"many"}""")));
        await Conditions.HoldsAsync(() => Task.FromResult(Directories(one).Current.Keys.Count == 22 && Directories(other).Current.Keys.Count == 22));

        await server.KillAsync();

        (await one.AskAsync(key)).Status.ShouldBe(200);
        (await one.RefusalAsync("DELETE", $"/admin/keys/{id}")).Status.ShouldBe(503);
        await using (var third = Replica(url))
        {
            (await third.AskAsync(free)).Status.ShouldBe(200);

            // What was spent of a budget, nobody knows without the database.
            var (status, body) = await third.AskAsync(key);
            (status, body.Contains("budget_unavailable", StringComparison.Ordinal)).ShouldBe((503, true));
        }

        await server.RestartAsync();
        await Conditions.HoldsAsync(async () => (await one.SendAsync("DELETE", $"/admin/keys/{id}", GatewayApplication.AdministratorKey)).StatusCode == HttpStatusCode.OK);
        await Conditions.HoldsAsync(async () => (await other.AskAsync(key)).Status == 401);
    }

    private static AccessDirectory Directories(GatewayApplication gateway) => gateway.Services.GetRequiredService<AccessDirectory>();

    // Those that run at the same time have a folder each.
    private GatewayApplication Replica(bool ownFolder = false)
    {
        var gateway = Required().WithServices(services => services.AddSingleton<IDatabase>(_database));
        return ownFolder ? gateway : gateway.With("Gateway:Data:Folder", _folder);
    }

    private GatewayApplication Replica(string url) => Required().With("Gateway:Data:Folder", _folder).With("Gateway:Storage:ConnectionString", url);

    private static GatewayApplication Required() => new GatewayApplication().With("Gateway:Access:Mode", "Required");
}
