using System.Net;
using System.Text.Json;
using LlmOps.Tests.Access.Limits;
using LlmOps.Tests.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmOps.Tests.Access.Users;

/// <summary>POST /auth/login, and GET /auth/verify of what it gives.</summary>
public sealed class LoginTests : IAsyncLifetime
{
    private readonly GatewayApplication _gateway = new GatewayApplication().With("Gateway:Access:Mode", "Required");

    [Fact]
    public async Task Login_GivesATokenForAnHour()
    {
        await _gateway.AddUserAsync("ada", "user,operator");

        using var response = await _gateway.LoginAsync("ada");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var json = await response.JsonAsync();
        json.GetProperty("token_type").GetString().ShouldBe("Bearer");
        json.GetProperty("expires_in").GetInt32().ShouldBe(3600);
        json.GetProperty("refresh_token").GetString()!.ShouldStartWith("rt-llmops-");
        var token = json.GetProperty("access_token").GetString()!;
        using var verified = await _gateway.VerifyAsync(token);
        var who = await verified.JsonAsync();
        who.GetProperty("valid").GetBoolean().ShouldBeTrue();
        who.GetProperty("subject").GetString().ShouldBe("ada");
        who.GetProperty("tenant").GetString().ShouldBe("acme");
        who.GetProperty("roles").EnumerateArray().Select(role => role.GetString()).ShouldBe(["user", "operator"]);
        (who.GetProperty("expires_at").GetDateTimeOffset() - TimeProvider.System.GetUtcNow()).ShouldBeInRange(TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(60));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AccessToken_AsksModels(bool streaming)
    {
        await _gateway.AddUserAsync("ada");
        var (token, _) = await _gateway.LoggedInAsync("ada");

        using var response = await _gateway.SendAsync(
            "POST", "/v1/chat/completions", token, $$"""{"model":"offline","stream":{{(streaming ? "true" : "false")}},"messages":[{"role":"user","content":"What is 6 * 7?"}]}""");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsStringAsync()).ShouldContain("42");
    }

    [Fact]
    public async Task WrongPasswordUnknownUserAndDisabledUser_AreToldTheSame()
    {
        await _gateway.AddUserAsync("ada");
        await _gateway.AddUserAsync("bob");
        await _gateway.ChangeUserAsync("bob", user => user with { DisabledAt = 1 });
        await _gateway.AddUserAsync("cyd");
        await _gateway.ChangeUserAsync("cyd", user => user with { PasswordHash = null });

        var answers = new List<(HttpStatusCode, (string, string))>();
        foreach (var (name, password) in new[] { ("ada", "wrong"), ("nobody", TestUsers.Password), ("bob", TestUsers.Password), ("cyd", TestUsers.Password), ("cyd", "") })
        {
            using var response = await _gateway.LoginAsync(name, password.Length == 0 ? "x" : password);
            answers.Add((response.StatusCode, await response.ErrorAsync()));
        }

        answers.Distinct().Count().ShouldBe(1);
        answers[0].ShouldBe((HttpStatusCode.Unauthorized, ("INVALID_API_KEY", "The username or the password is not right.")));
        _gateway.Logs.All.ShouldNotContain(log => log.Message.Contains(TestUsers.Password, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{}""", "username")]
    [InlineData("""{"username":"ada"}""", "password")]
    [InlineData("""{"username":"a b","password":"x"}""", "username")]
    [InlineData("""{"username":["ada"],"password":"x"}""", "username")]
    [InlineData("""{"username":"ada","password":12345678}""", "password")]
    [InlineData("""{"username":"ada","password":""}""", "password")]
    [InlineData("""{"username":"ada","password":"\ud800"}""", "password")]
    public async Task FaultyLogin_NamesTheFieldAndNeverThePassword(string body, string field)
    {
        using var response = await _gateway.PostAsync("/auth/login", body);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var text = await response.Content.ReadAsStringAsync();
        JsonElement.Parse(text).GetProperty("error").GetProperty("field").GetString().ShouldBe(field);
        text.ShouldNotContain("12345678");
    }

    [Fact]
    public async Task FailuresOfAnAccount_AreSlowed()
    {
        _gateway.With("Gateway:Access:Logins:FailuresPerAccount", "2").With("Gateway:Access:Logins:FailureWindow", "1.00:00:00");
        await _gateway.AddUserAsync("ada");
        await _gateway.AddUserAsync("bob");

        // What succeeds does not count.
        for (var times = 0; times < 4; times++)
        {
            await _gateway.LoggedInAsync("ada");
        }

        (await FailAsync("ada")).ShouldBe(HttpStatusCode.Unauthorized);
        (await FailAsync("ada")).ShouldBe(HttpStatusCode.Unauthorized);
        using var refused = await _gateway.LoginAsync("ada");
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await refused.ErrorAsync()).Code.ShouldBe("RATE_LIMIT_EXCEEDED");
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeInRange(TimeSpan.FromHours(11), TimeSpan.FromHours(12));
        await _gateway.LoggedInAsync("bob");
    }

    [Fact]
    public async Task FailuresOfAnAccountElsewhere_KeepNobodyOut_UpToTenTimesAsMany()
    {
        _gateway.With("Gateway:Access:Logins:FailuresPerAccount", "1").With("Gateway:Access:Logins:FailureWindow", "1.00:00:00")
            .With("Gateway:Access:TrustedProxies", "127.0.0.1").With("Gateway:Access:AddressLimits:RequestsPerMinute", "1000");
        await _gateway.AddUserAsync("ada");

        (await FromAsync(1, "wrong")).ShouldBe(HttpStatusCode.Unauthorized);
        (await FromAsync(1, TestUsers.Password)).ShouldBe(HttpStatusCode.TooManyRequests);
        for (var address = 2; address <= 10; address++)
        {
            (await FromAsync(address, TestUsers.Password)).ShouldBe(HttpStatusCode.OK);
            (await FromAsync(address, "wrong")).ShouldBe(HttpStatusCode.Unauthorized);
        }

        (await FromAsync(11, "wrong")).ShouldBe(HttpStatusCode.TooManyRequests);

        async Task<HttpStatusCode> FromAsync(int address, string password)
        {
            using var response = await _gateway.SendAsync("/auth/login", $$"""{"username":"ada","password":"{{password}}"}""", forwardedFor: $"203.0.113.{address}");
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task FailuresOfAnAddress_AreSlowed()
    {
        _gateway.With("Gateway:Access:Logins:FailuresPerAddress", "2").With("Gateway:Access:Logins:FailureWindow", "1.00:00:00");
        await _gateway.AddUserAsync("ada");
        await _gateway.AddUserAsync("bob");
        await _gateway.AddUserAsync("cyd");

        (await FailAsync("ada")).ShouldBe(HttpStatusCode.Unauthorized);
        (await FailAsync("bob")).ShouldBe(HttpStatusCode.Unauthorized);

        (await FailAsync("cyd")).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task AttemptsAtTheSameTime_AreNotMoreThanOneAfterTheOther()
    {
        _gateway.With("Gateway:Access:Logins:FailuresPerAccount", "3").With("Gateway:Access:Logins:FailureWindow", "1.00:00:00");
        await _gateway.AddUserAsync("ada");

        var statuses = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => FailAsync("ada")));

        statuses.Count(status => status == HttpStatusCode.Unauthorized).ShouldBe(3);
        statuses.Count(status => status == HttpStatusCode.TooManyRequests).ShouldBe(17);
    }

    [RedisFact]
    public async Task FailuresAtOneReplica_CountAtAnother()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var other = new GatewayApplication();
        foreach (var replica in new[] { _gateway, other })
        {
            replica.With("Gateway:Redis:ConnectionString", $"redis://{redis.Address}").With("Gateway:Access:Logins:FailuresPerAccount", "1").With("Gateway:Access:Logins:FailureWindow", "1.00:00:00");
            await replica.AddUserAsync("ada");
            var shared = replica.Services.GetRequiredService<LlmOps.Gateway.Redis.IRedis>();
            await Conditions.HoldsAsync(() => Task.FromResult(shared.IsAvailable));
        }

        (await FailAsync("ada")).ShouldBe(HttpStatusCode.Unauthorized);

        using var refused = await other.LoginAsync("ada");
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task FailedLogin_IsLogged()
    {
        await _gateway.AddUserAsync("ada");

        await FailAsync("ada");

        var log = await _gateway.Logs.FirstAsync(log => log.Message.StartsWith("A login as ada from 127.0.0.1 failed", StringComparison.Ordinal));
        log.Level.ShouldBe(LogLevel.Warning);
    }

    [Fact]
    public async Task FirstAdministrator_LogsIn()
    {
        _gateway.With("Gateway:Access:AdministratorUsername", "root").With("Gateway:Access:AdministratorPassword", TestUsers.Password);

        var (token, _) = await _gateway.LoggedInAsync("root");

        using var response = await _gateway.SendAsync("GET", "/admin/configuration", token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    private async Task<HttpStatusCode> FailAsync(string name)
    {
        using var response = await _gateway.LoginAsync(name, "wrong");
        return response.StatusCode;
    }
}
