using System.Net;
using System.Text.Json;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Users;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Access;

/// <summary>Users, tenants and teams, as whoever administers them sees them.</summary>
public sealed class UsersTests : IAsyncLifetime
{
    private const string Password = "correct horse battery staple";

    private readonly GatewayApplication _gateway = new GatewayApplication().With("Gateway:Access:Mode", "Required");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    [Fact]
    public async Task NewUser_HasAHashOfItsPasswordThatNobodySees()
    {
        var made = await _gateway.AdministerAsync("POST", "/admin/users", $$"""{"username":"ann@acme.example","tenant":"acme","password":"{{Password}}"}""", HttpStatusCode.Created);

        made.GetRawText().ShouldNotContain("hash");
        (made.GetProperty("username").GetString(), made.GetProperty("has_password").GetBoolean()).ShouldBe(("ann@acme.example", true));
        var user = Directory.Current.FindUser("ann@acme.example")!;
        user.PasswordHash!.ShouldStartWith("pbkdf2-sha256$600000$");
        PasswordHash.Matches(user.PasswordHash!, Password).ShouldBeTrue();
        PasswordHash.Matches(user.PasswordHash!, Password + "x").ShouldBeFalse();
        _gateway.Logs.All.Select(log => log.Message).ShouldAllBe(line => !line.Contains(Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task UserThatIsThere_IsAConflict()
    {
        await MakeAsync("""{"username":"ann"}""");

        var refusal = await _gateway.RefusalAsync("POST", "/admin/users", """{"username":"ann","roles":["admin"]}""");

        (refusal.Status, refusal.Code, refusal.Field).ShouldBe((409, "ALREADY_EXISTS", "username"));
        Directory.Current.FindUser("ann")!.Principal.Roles.ShouldBe(Roles.User);
    }

    [Fact]
    public async Task KeysOfADisabledUser_DoNotHold()
    {
        await MakeAsync("""{"username":"ann"}""");
        var (_, key) = await _gateway.CreateKeyAsync("""{"name":"ci","user":"ann"}""");
        (await _gateway.AskAsync(key)).Status.ShouldBe(200);

        await _gateway.AdministerAsync("PATCH", "/admin/users/ann", """{"disabled":true}""");
        var (status, body) = await _gateway.AskAsync(key);
        await _gateway.AdministerAsync("PATCH", "/admin/users/ann", """{"disabled":false}""");

        status.ShouldBe(401);
        body.ShouldContain("disabled");
        (await _gateway.AskAsync(key)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task KeysOfARemovedUser_AreRevokedAndNotTheNextOnes()
    {
        await MakeAsync("""{"username":"ann"}""");
        var (_, key) = await _gateway.CreateKeyAsync("""{"name":"ci","user":"ann"}""");

        await _gateway.AdministerAsync("DELETE", "/admin/users/ann", expected: HttpStatusCode.NoContent);
        await MakeAsync("""{"username":"ann"}""");

        var (status, body) = await _gateway.AskAsync(key);
        status.ShouldBe(401);
        body.ShouldContain("was revoked");
    }

    [Fact]
    public async Task Key_CanDoNoMoreThanItsUser()
    {
        await MakeAsync("""{"username":"ann","roles":["admin"]}""");
        var (_, key) = await _gateway.CreateKeyAsync("""{"name":"ci","user":"ann","roles":["admin"]}""");
        (await _gateway.SendAsync("GET", "/admin/users", key)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await _gateway.AdministerAsync("PATCH", "/admin/users/ann", """{"roles":["user"]}""");

        (await _gateway.SendAsync("GET", "/admin/users", key)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await _gateway.AskAsync(key)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Change_OfAPassword_ReplacesItAndNullTakesItAway()
    {
        await MakeAsync($$"""{"username":"ann","password":"{{Password}}"}""");

        await _gateway.AdministerAsync("PATCH", "/admin/users/ann", """{"password":"another long one"}""");
        PasswordHash.Matches(Directory.Current.FindUser("ann")!.PasswordHash!, "another long one").ShouldBeTrue();
        await _gateway.AdministerAsync("PATCH", "/admin/users/ann", """{"limits":{"concurrency":1}}""");
        Directory.Current.FindUser("ann")!.PasswordHash.ShouldNotBeNull();
        await _gateway.AdministerAsync("PATCH", "/admin/users/ann", """{"password":null}""");

        Directory.Current.FindUser("ann")!.PasswordHash.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"password":"long enough it is"}""", "username")]
    [InlineData("""{"username":"ann lee"}""", "username")]
    [InlineData("""{"username":"ann","password":"too short"}""", "password")]
    [InlineData("""{"username":"ann","password":123456789012}""", "password")]
    [InlineData("""{"username":"ann","team":"dev","tenant":"other"}""", "team")]
    [InlineData("""{"username":"ann","disabled":"yes"}""", "disabled")]
    [InlineData("""{"username":"ann","name":"Ann"}""", "name")]
    public async Task WrongField_IsNamedAndAPasswordNeverQuoted(string json, string field)
    {
        await _gateway.AdministerAsync("PUT", "/admin/teams/dev", """{"tenant":"acme"}""");

        var refusal = await _gateway.RefusalAsync("POST", "/admin/users", json);

        (refusal.Status, refusal.Field).ShouldBe((400, field));
        refusal.Message.ShouldNotContain("too short");
        refusal.Message.ShouldNotContain("123456789012");
    }

    [Fact]
    public async Task UserOfATeam_IsOfItsTenant()
    {
        await _gateway.AdministerAsync("PUT", "/admin/teams/dev", """{"tenant":"acme"}""");

        await MakeAsync("""{"username":"ann","team":"dev"}""");
        var (id, _) = await _gateway.CreateKeyAsync("""{"name":"ci","user":"ann"}""");

        var key = await _gateway.AdministerAsync("GET", $"/admin/keys/{id}");
        (key.GetProperty("tenant").GetString(), key.GetProperty("team").GetString(), key.GetProperty("user").GetString()).ShouldBe(("acme", "dev", "ann"));
        (await _gateway.AdministerAsync("GET", "/admin/users?tenant=acme")).GetProperty("data").GetArrayLength().ShouldBe(1);
        (await _gateway.AdministerAsync("GET", "/admin/users?tenant=other")).GetProperty("data").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Tenant_IsReplacedAsAWhole()
    {
        await _gateway.AdministerAsync("PUT", "/admin/tenants/acme", """{"limits":{"requests_per_minute":600},"budget":{"usd":100,"period":"month"}}""");

        await _gateway.AdministerAsync("PUT", "/admin/tenants/acme", """{"budget":{"usd":5,"period":"day"}}""");

        (await _gateway.AdministerAsync("GET", "/admin/tenants/acme")).GetRawText().ShouldBe("""{"name":"acme","limits":null,"budget":{"usd":5,"period":"day"}}""");
        (await _gateway.AdministerAsync("GET", "/admin/tenants")).GetProperty("data").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task TenantOrTeam_IsRemovedWhenNobodyBelongsToIt()
    {
        await _gateway.AdministerAsync("PUT", "/admin/teams/dev", """{"tenant":"acme"}""");
        var (id, _) = await _gateway.CreateKeyAsync("""{"name":"ci","team":"dev"}""");

        (await _gateway.RefusalAsync("DELETE", "/admin/teams/dev")).ShouldBe((409, "IN_USE", null, $"key {id} is of team 'dev'; remove or revoke all that is of it first."));
        (await _gateway.RefusalAsync("DELETE", "/admin/tenants/acme")).Code.ShouldBe("IN_USE");
        await _gateway.AdministerAsync("DELETE", $"/admin/keys/{id}");
        await _gateway.AdministerAsync("DELETE", "/admin/teams/dev", expected: HttpStatusCode.NoContent);
        await _gateway.AdministerAsync("DELETE", "/admin/tenants/acme", expected: HttpStatusCode.NoContent);

        (await _gateway.RefusalAsync("GET", "/admin/tenants/acme")).Status.ShouldBe(404);
        (await _gateway.RefusalAsync("DELETE", "/admin/tenants/acme")).Status.ShouldBe(404);
        (await _gateway.RefusalAsync("GET", "/admin/teams/dev")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Team_StaysInItsTenant()
    {
        await _gateway.AdministerAsync("PUT", "/admin/teams/dev", """{"tenant":"acme"}""");

        (await _gateway.RefusalAsync("PUT", "/admin/teams/dev", """{"tenant":"other"}""")).Field.ShouldBe("tenant");
        var changed = await _gateway.AdministerAsync("PUT", "/admin/teams/dev", """{"limits":{"concurrency":4}}""");

        changed.GetRawText().ShouldBe("""{"name":"dev","tenant":"acme","limits":{"concurrency":4},"budget":null}""");
        (await _gateway.RefusalAsync("PUT", "/admin/teams/no%20spaces", "{}")).Field.ShouldBe("name");
    }

    private AccessDirectory Directory => _gateway.Services.GetRequiredService<AccessDirectory>();

    private Task<JsonElement> MakeAsync(string json) => _gateway.AdministerAsync("POST", "/admin/users", json, HttpStatusCode.Created);
}
