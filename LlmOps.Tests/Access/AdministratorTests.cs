using System.Net;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Known;
using LlmOps.Gateway.Access.Users;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Access;

/// <summary>Who administers a gateway at first.</summary>
public sealed class AdministratorTests : IDisposable
{
    private const string Username = "root@acme";
    private const string Password = "correct horse battery staple";

    private readonly string _folder = Directory.CreateTempSubdirectory("llmops-test-").FullName;

    private string KeyFile => Path.Combine(_folder, "data", "admin.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("sk-llmops-admin-of-an-earlier-version")]
    [InlineData("whatever its owner had put there")]
    public async Task KeyFileOfAnEarlierVersion_MovesIntoTheDatabaseAndHolds(string key)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(KeyFile)!);
        await File.WriteAllTextAsync(KeyFile, key + "\n");
        await using (var first = await GatewayProcess.Start(_folder).ReadyAsync())
        {
            first.Output.ShouldContain($"Admin key   moved from {KeyFile}");
            first.Output.ShouldNotContain(key);
            File.Exists(KeyFile).ShouldBeFalse();
            (await AdministerAsync(first, key)).ShouldBe(HttpStatusCode.OK);
        }

        await using var second = await GatewayProcess.Start(_folder).ReadyAsync();

        second.Output.ShouldContain("made and shown at an earlier start");
        (await AdministerAsync(second, key)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task KeyFileThatStays_DoesNotBringBackAKeyThatWasRotated()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(KeyFile)!);
        await File.WriteAllTextAsync(KeyFile, "sk-of-the-file");
        await using (var first = Made())
        {
            var id = Known(first).Keys.All.ShouldHaveSingleItem().Row.Id;
            using var rotated = await first.SendAsync("POST", $"/admin/keys/{id}/rotate", "sk-of-the-file", """{"overlap_seconds":0}""");
            rotated.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        // As if it could not have been removed.
        await File.WriteAllTextAsync(KeyFile, "sk-of-the-file");

        await using var second = Made();

        using var response = await second.SendAsync("GET", "/admin/keys", "sk-of-the-file");
        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        Known(second).Keys.Count.ShouldBe(1);
        File.Exists(KeyFile).ShouldBeFalse();

        GatewayApplication Made()
        {
            var gateway = new GatewayApplication().With("Gateway:Data:Folder", Path.GetDirectoryName(KeyFile)!).With("Gateway:Access:AdministratorKey", "");
            _ = gateway.Http;
            return gateway;
        }
    }

    [Fact]
    public async Task ConfiguredKey_LeavesNoneToBeMade()
    {
        await using var gateway = await GatewayProcess.Start(_folder, ("LLMOPS_ADMIN_KEY", "sk-configured")).ReadyAsync();

        gateway.Output.ShouldContain("Admin key   as configured");
        gateway.Http.DefaultRequestHeaders.Authorization = new("Bearer", "sk-configured");
        (await gateway.Http.GetStringAsync("/admin/keys")).ShouldContain("\"data\":[]");
    }

    [Theory]
    [InlineData("sk-1234", true)]
    [InlineData("sk-of-19-characters", true)]
    [InlineData("sk-of-20-characters-", false)]
    public async Task ShortConfiguredKey_HoldsAndIsWarnedOf(string key, bool warned)
    {
        await using var gateway = new GatewayApplication().With("Gateway:Access:AdministratorKey", key);

        using var response = await gateway.SendAsync("GET", "/admin/keys", key);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        gateway.Logs.All.Any(log => log.Message.Contains("LLMOPS_ADMIN_KEY) is shorter than 20", StringComparison.Ordinal)).ShouldBe(warned);
        gateway.Logs.All.ShouldNotContain(log => log.Message.Contains(key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ConfiguredUser_IsMadeOnceAndNeverOverwritten()
    {
        await using (var first = Gateway(Username, Password))
        {
            var made = await first.AdministerAsync("GET", $"/admin/users/{Username}");
            made.GetProperty("roles").GetRawText().ShouldBe("""["user","operator","admin"]""");
            PasswordHash.Matches(HashOf(first), Password).ShouldBeTrue();
            await first.AdministerAsync("PATCH", $"/admin/users/{Username}", """{"password":"chosen since then"}""");
            first.Logs.All.ShouldAllBe(log => !log.Message.Contains(Password, StringComparison.Ordinal));
        }

        await using var second = Gateway(Username, Password);

        _ = second.Http;
        PasswordHash.Matches(HashOf(second), "chosen since then").ShouldBeTrue();
    }

    [Theory]
    [InlineData(Username, null, "LLMOPS_ADMIN_PASSWORD")]
    [InlineData(null, Password, "LLMOPS_ADMIN_USERNAME")]
    [InlineData("no spaces", Password, "LLMOPS_ADMIN_USERNAME")]
    [InlineData(Username, "too short", "LLMOPS_ADMIN_PASSWORD")]
    public void ConfiguredUser_ThatCannotBe_IsAFault(string? username, string? password, string named)
    {
        var faults = Should.Throw<ConfigurationException>(() => ConfigurationTests.Build(
            ("Gateway:Access:AdministratorUsername", username ?? ""), ("Gateway:Access:AdministratorPassword", password ?? ""))).Faults;

        faults.Single().ShouldContain(named);
        faults.Single().ShouldNotContain("too short");
    }

    [Fact]
    public async Task ReplicasThatStartTogether_MakeOneKey()
    {
        var database = new SharedDatabase();
        await using var one = Replica(database);
        await using var other = Replica(database);

        await Task.WhenAll(Task.Run(() => one.Http), Task.Run(() => other.Http));

        GatewayApplication[] both = [one, other];
        await Conditions.HoldsAsync(() => Task.FromResult(both.All(gateway => Known(gateway).Keys.Count == 1)));
        both.ShouldAllBe(gateway => !gateway.Services.GetRequiredService<FirstAdministrator>().TakeNotice().Contains("sk-llmops-", StringComparison.Ordinal), "it was shown, and is not kept");
        Known(one).TokenSecret.ToArray().ShouldBe(Known(other).TokenSecret.ToArray());
        database.End();
    }

    private static AccessSnapshot Known(GatewayApplication gateway) => gateway.Services.GetRequiredService<AccessDirectory>().Current;

    private static string HashOf(GatewayApplication gateway) => Known(gateway).FindUser(Username)!.PasswordHash!;

    private static GatewayApplication Replica(SharedDatabase database) =>
        new GatewayApplication().With("Gateway:Access:AdministratorKey", "").WithServices(services => services.AddSingleton<IDatabase>(database));

    private GatewayApplication Gateway(string username, string password) => new GatewayApplication()
        .With("Gateway:Data:Folder", Path.Combine(_folder, "data")).With("Gateway:Access:AdministratorUsername", username).With("Gateway:Access:AdministratorPassword", password);

    private static async Task<HttpStatusCode> AdministerAsync(GatewayProcess gateway, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/admin/keys");
        request.Headers.Authorization = new("Bearer", key);
        using var response = await gateway.Http.SendAsync(request);
        return response.StatusCode;
    }
}
