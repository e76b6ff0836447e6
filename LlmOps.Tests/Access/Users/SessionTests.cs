using System.Net;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Users;
using LlmOps.Gateway.Storage;
using LlmOps.Tests.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Access.Users;

/// <summary>POST /auth/refresh and /auth/logout, and what becomes of tokens.</summary>
public sealed class SessionTests : IAsyncLifetime
{
    private readonly GatewayApplication _gateway = new();

    [Fact]
    public async Task RefreshToken_IsReplaced()
    {
        await _gateway.AddUserAsync("ada");
        var first = await _gateway.LoggedInAsync("ada");

        var second = await RefreshedAsync(first.Refresh);
        var third = await RefreshedAsync(second.Refresh);

        new[] { first.Refresh, second.Refresh, third.Refresh }.ShouldBeUnique();
        new[] { first.Access, second.Access, third.Access }.ShouldBeUnique();
        (await StatusAsync(first.Access)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(third.Access)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task SecondUseOfARefreshToken_EndsTheSession()
    {
        await _gateway.AddUserAsync("ada");
        var stolen = await _gateway.LoggedInAsync("ada");
        var another = await _gateway.LoggedInAsync("ada");
        var renewed = await RefreshedAsync(stolen.Refresh);

        using var reuse = await _gateway.RefreshAsync(stolen.Refresh);

        reuse.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await reuse.ErrorAsync()).Message.ShouldContain("was used before");
        (await StatusAsync(stolen.Access)).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(renewed.Access)).ShouldBe(HttpStatusCode.Unauthorized);
        using var next = await _gateway.RefreshAsync(renewed.Refresh);
        next.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var version = _gateway.Services.GetRequiredService<AccessDirectory>().Current.Version;
        using var again = await _gateway.RefreshAsync(stolen.Refresh);
        (await again.ErrorAsync()).Message.ShouldContain("session that was ended");
        _gateway.Services.GetRequiredService<AccessDirectory>().Current.Version.ShouldBe(version, "one change, however often it is shown");
        var warning = await _gateway.Logs.FirstAsync(log => log.Message.Contains("was used a second time", StringComparison.Ordinal));
        warning.Level.ShouldBe(LogLevel.Warning);
        warning.Message.ShouldContain("ada");

        // It was one of two.
        (await StatusAsync(another.Access)).ShouldBe(HttpStatusCode.OK);
        await RefreshedAsync(another.Refresh);
    }

    [Fact]
    public async Task UsesAtTheSameTime_SucceedOnceAtMost()
    {
        await _gateway.AddUserAsync("ada");
        var (access, refresh) = await _gateway.LoggedInAsync("ada");

        var responses = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _gateway.RefreshAsync(refresh)));

        responses.Count(response => response.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        responses.Count(response => response.StatusCode == HttpStatusCode.Unauthorized).ShouldBe(9);
        (await StatusAsync(access)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Logout_EndsBothTokens()
    {
        await _gateway.AddUserAsync("ada");
        var (access, refresh) = await _gateway.LoggedInAsync("ada");

        using var logout = await _gateway.SendAsync("POST", "/auth/logout", access);

        logout.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        using var after = await _gateway.VerifyAsync(access);
        (await after.ErrorAsync()).Message.ShouldContain("session that was ended");
        using var renewal = await _gateway.RefreshAsync(refresh);
        renewal.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await _gateway.LoggedInAsync("ada");
    }

    [Fact]
    public async Task LogoutWithoutASession_IsRefused()
    {
        using var response = await _gateway.SendAsync("POST", "/auth/logout", GatewayApplication.AdministratorKey);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task RefreshTokenThatIsUnknownOrOver_IsRefused()
    {
        await _gateway.AddUserAsync("ada");
        var (_, refresh) = await _gateway.LoggedInAsync("ada");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(refresh)));
        var database = _gateway.Services.GetRequiredService<IDatabase>();

        // What is kept is not what is shown.
        (await database.ReadAsync(connection => connection.QuerySingleAsync<long>("SELECT COUNT(*) FROM refresh_tokens WHERE hash = @hash", new { hash }))).ShouldBe(1);
        (await database.WriteAsync(connection => connection.ExecuteAsync("UPDATE refresh_tokens SET expires_at = 1 WHERE hash = @hash", new { hash }))).ShouldBe(1);

        foreach (var token in new[] { refresh, "rt-llmops-unknown" })
        {
            using var response = await _gateway.RefreshAsync(token);
            response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            (await response.ErrorAsync()).Message.ShouldContain("not known, or has expired");
        }

        // The next login removes what is over.
        await _gateway.LoggedInAsync("ada");
        (await database.ReadAsync(connection => connection.QuerySingleAsync<long>("SELECT COUNT(*) FROM refresh_tokens WHERE hash = @hash", new { hash }))).ShouldBe(0);
    }

    [Fact]
    public async Task ChangeOfAUser_HoldsForTokensThatAreOut()
    {
        await _gateway.AddUserAsync("ada", "user,operator,admin");
        var (access, refresh) = await _gateway.LoggedInAsync("ada");
        (await StatusAsync(access, "/admin/configuration")).ShouldBe(HttpStatusCode.OK);

        await _gateway.ChangeUserAsync("ada", user => user with { Roles = "user" });
        (await StatusAsync(access, "/admin/configuration")).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(access)).ShouldBe(HttpStatusCode.OK);

        await _gateway.ChangeUserAsync("ada", user => user with { DisabledAt = 1 });
        (await StatusAsync(access)).ShouldBe(HttpStatusCode.Unauthorized);
        using var renewal = await _gateway.RefreshAsync(refresh);
        renewal.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task SessionsOfAUser_AreBounded()
    {
        await using var gateway = new GatewayApplication();
        await gateway.AddUserAsync("ada");
        var (access, oldest) = await gateway.LoggedInAsync("ada");
        var database = gateway.Services.GetRequiredService<IDatabase>();
        var now = TimeProvider.System.GetUtcNow();
        for (var session = 1; session < SessionTable.MostPerUser; session++)
        {
            var id = $"{session:d3}";
            await database.WriteAsync(async connection =>
            {
                await SessionTable.AddAsync(connection, id, "ada", id, now.AddSeconds(session), now.AddDays(1));
                return true;
            });
        }

        oldest = (await RefreshedAsync(oldest, gateway)).Refresh;
        await gateway.LoggedInAsync("ada");

        (await database.ReadAsync(connection => connection.QuerySingleAsync<long>("SELECT COUNT(*) FROM sessions WHERE user_name = 'ada' AND ended_at IS NULL"))).ShouldBe(SessionTable.MostPerUser);
        using var refused = await gateway.RefreshAsync(oldest);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var verified = await gateway.VerifyAsync(access);
        (await verified.ErrorAsync()).Message.ShouldContain("session that was ended");
    }

    [PostgresFact]
    public async Task LogoutAtOneReplica_HoldsAtAnotherOfTheSamePostgres()
    {
        await using var server = await PostgresServer.StartAsync();
        var url = await server.CreateDatabaseAsync();
        await using var one = new GatewayApplication().With("Gateway:Storage:ConnectionString", url);
        await using var other = new GatewayApplication().With("Gateway:Storage:ConnectionString", url);
        foreach (var replica in new[] { one, other })
        {
            _ = replica.Http;
            await Conditions.HoldsAsync(() => Task.FromResult(replica.Services.GetRequiredService<AccessDirectory>().Missing is null));
        }

        await one.AddUserAsync("ada");
        var (access, refresh) = await one.LoggedInAsync("ada");

        // A token of the one is the other's as well: the secret is shared through the database.
        await Conditions.HoldsAsync(async () => (await other.VerifyAsync(access)).StatusCode == HttpStatusCode.OK);
        var (renewed, _) = await RefreshedAsync(refresh, other);
        using var logout = await other.SendAsync("POST", "/auth/logout", renewed);
        logout.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Conditions.HoldsAsync(async () => (await one.VerifyAsync(access)).StatusCode == HttpStatusCode.Unauthorized);

        // Of many uses at both, one succeeds.
        var (_, contested) = await one.LoggedInAsync("ada");
        var responses = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => (number % 2 == 0 ? one : other).RefreshAsync(contested)));
        responses.Count(response => response.StatusCode == HttpStatusCode.OK).ShouldBe(1);
        responses.Count(response => response.StatusCode == HttpStatusCode.Unauthorized).ShouldBe(19);
    }

    [Fact]
    public async Task AnotherPassword_EndsTheSessions()
    {
        await _gateway.AddUserAsync("ada");
        var (access, refresh) = await _gateway.LoggedInAsync("ada");

        await _gateway.AdministerAsync("PATCH", "/admin/users/ada", """{"password":"another long password"}""");

        (await StatusAsync(access)).ShouldBe(HttpStatusCode.Unauthorized);
        using var renewal = await _gateway.RefreshAsync(refresh);
        renewal.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync((await (await _gateway.LoginAsync("ada", "another long password")).TokensAsync()).Access)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("password_hash = 'another'")]
    [InlineData("disabled_at = 1")]
    public async Task ChangeBetweenTheCheckOfThePasswordAndTheSession_LeavesNone(string change)
    {
        await _gateway.AddUserAsync("ada");

        // In the database, where another replica has done it; this one has not heard of it, and lets the password pass.
        var database = _gateway.Services.GetRequiredService<IDatabase>();
        (await database.WriteAsync(connection => connection.ExecuteAsync($"UPDATE users SET {change} WHERE name = 'ada'"))).ShouldBe(1);

        using var response = await _gateway.LoginAsync("ada");

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await database.ReadAsync(connection => connection.QuerySingleAsync<long>("SELECT COUNT(*) FROM sessions"))).ShouldBe(0);
    }

    [Fact]
    public async Task RemovedUser_LeavesNoTokenToTheNextOfItsName()
    {
        await _gateway.AddUserAsync("ada");
        var (access, refresh) = await _gateway.LoggedInAsync("ada");
        await _gateway.AdministerAsync("DELETE", "/admin/users/ada", expected: HttpStatusCode.NoContent);
        (await StatusAsync(access)).ShouldBe(HttpStatusCode.Unauthorized);

        await _gateway.AddUserAsync("ada", "admin");

        (await StatusAsync(access)).ShouldBe(HttpStatusCode.Unauthorized);
        using var renewal = await _gateway.RefreshAsync(refresh);
        renewal.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    private Task<(string Access, string Refresh)> RefreshedAsync(string refresh) => RefreshedAsync(refresh, _gateway);

    private static async Task<(string Access, string Refresh)> RefreshedAsync(string refresh, GatewayApplication gateway)
    {
        using var response = await gateway.RefreshAsync(refresh);
        return await response.TokensAsync();
    }

    private async Task<HttpStatusCode> StatusAsync(string credential, string path = "/auth/verify")
    {
        using var response = await _gateway.SendAsync("GET", path, credential);
        return response.StatusCode;
    }
}
