using System.Net;
using System.Text.Json.Nodes;
using LlmOps.Tests.Access.Users;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Access.Tokens;

/// <summary>Tokens of an OpenID Connect provider, over sockets.</summary>
public sealed class ExternalTokenTests : IAsyncLifetime
{
    private readonly FakeIssuer _issuer = new();
    private readonly GatewayApplication _gateway = new();

    public ExternalTokenTests() => _issuer.Configure(_gateway);

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Theory]
    [InlineData("RS256", "Open")]
    [InlineData("RS256", "Required")]
    [InlineData("ES256", "Required")]
    public async Task TokenOfTheIssuer_IsItsUserOfItsTenant(string algorithm, string mode)
    {
        _gateway.With("Gateway:Access:Mode", mode);
        _issuer.Keys = [TestKey.Of(algorithm, "key")];
        var token = _issuer.Token(Now.AddMinutes(5));

        using var verified = await _gateway.VerifyAsync(token);

        verified.StatusCode.ShouldBe(HttpStatusCode.OK, await verified.Content.ReadAsStringAsync());
        var who = await verified.JsonAsync();
        who.GetProperty("subject").GetString().ShouldBe("corporate:ada");
        who.GetProperty("tenant").GetString().ShouldBe("acme");
        who.GetProperty("roles").EnumerateArray().Select(role => role.GetString()).ShouldBe(["user"]);
        (await _gateway.AskAsync(token)).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("realm_access.roles", """{"realm_access":{"roles":["llm-admin"]}}""", "user,operator,admin")]
    [InlineData("realm_access.roles", """{"realm_access":{"roles":["other","llm-operator",7,"\ud800"]}}""", "operator")]
    [InlineData("realm_access.roles", """{"realm_access.roles":"staff llm-operator"}""", "user,operator")]
    [InlineData("https://example.com/roles", """{"https://example.com/roles":["llm-user"]}""", "user")]
    [InlineData("scp", """{"scp":"read staff"}""", "user")]
    public async Task RolesClaim_IsFoundWhereverItIs(string claim, string claims, string expected)
    {
        _gateway.With("Gateway:Access:Issuers:corporate:RolesClaim", claim);
        var token = TokenWith(claims);

        using var response = await _gateway.VerifyAsync(token);

        string.Join(',', (await response.JsonAsync()).GetProperty("roles").EnumerateArray().Select(role => role.GetString())).ShouldBe(expected);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"realm_access":{"roles":["LLM-ADMIN","admin","user"]}}""")]
    [InlineData("""{"realm_access":{"roles":{"llm-admin":true}}}""")]
    [InlineData("""{"realm_access":["llm-admin"]}""")]
    [InlineData("""{"roles":["llm-admin"]}""")]
    public async Task TokenWithoutARole_MayDoNothing(string claims)
    {
        var token = TokenWith(claims);

        (await _gateway.AskAsync(token)).Status.ShouldBe(403);
        using var verified = await _gateway.VerifyAsync(token);
        verified.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        using var health = await _gateway.SendAsync("GET", "/health", token);
        health.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("aud", "\"another\"", "aud")]
    [InlineData("exp", "1", "expired")]
    [InlineData("nbf", "99999999999", "nbf")]
    [InlineData("sub", "\"\"", "sub")]
    [InlineData("sub", "\"line\\nbreak\"", "sub")]
    [InlineData("sub", "7", "sub")]
    public async Task FaultyClaim_IsRefusedInOpenModeToo(string claim, string value, string told)
    {
        var token = _issuer.Token(Now.AddMinutes(5), claims => claims[claim] = JsonNode.Parse(value));

        var (status, body) = await _gateway.AskAsync(token);

        status.ShouldBe(401);
        body.ShouldContain(told);
    }

    [Fact]
    public async Task AnotherKeyOfTheSameName_IsRefused()
    {
        var (status, body) = await _gateway.AskAsync(_issuer.Token(Now.AddMinutes(5), key: TestKey.Rsa("first")));

        status.ShouldBe(401);
        body.ShouldContain("not signed by its issuer");
    }

    [Fact]
    public async Task Skew_IsTolerated()
    {
        (await _gateway.AskAsync(_issuer.Token(Now.AddSeconds(-30)))).Status.ShouldBe(200);
        (await _gateway.AskAsync(_issuer.Token(Now.AddSeconds(-61)))).Status.ShouldBe(401);
        await using var strict = _issuer.Configure(new GatewayApplication()).With("Gateway:Access:Issuers:corporate:Skew", "0s");
        (await strict.AskAsync(_issuer.Token(Now.AddSeconds(-1)))).Status.ShouldBe(401);
    }

    [Fact]
    public async Task IssuerThatIsNotConfigured_IsAnyTextInOpenModeAndNobodyInTheOther()
    {
        await using var other = new FakeIssuer();
        var token = other.Token(Now.AddMinutes(5));

        (await _gateway.AskAsync(token)).Status.ShouldBe(200);
        await using var required = _issuer.Configure(new GatewayApplication()).With("Gateway:Access:Mode", "Required");
        var (status, body) = await required.AskAsync(token);

        status.ShouldBe(401);
        body.ShouldContain("an issuer that this gateway does not know");
        other.Server.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"org":{"name":"globex"}}""", 200)]
    [InlineData("""{"org":{"name":"no name"}}""", 403)]
    [InlineData("""{"org":{}}""", 403)]
    [InlineData("""{"org":"globex"}""", 403)]
    public async Task TenantClaim_NamesTheTenant(string claims, int expected)
    {
        _gateway.With("Gateway:Access:Issuers:corporate:Tenant", "").With("Gateway:Access:Issuers:corporate:TenantClaim", "org.name");
        var parsed = JsonNode.Parse(claims)!["org"]!;

        using var response = await _gateway.VerifyAsync(_issuer.Token(Now.AddMinutes(5), token => token["org"] = parsed.DeepClone()));

        ((int)response.StatusCode).ShouldBe(expected);
        if (expected == 200)
        {
            (await response.JsonAsync()).GetProperty("tenant").GetString().ShouldBe("globex");
        }
    }

    [Fact]
    public async Task LimitsOfItsTenant_Hold()
    {
        await _gateway.AdministerAsync("PUT", "/admin/tenants/acme", """{"limits":{"requests_per_day":1}}""");
        var token = _issuer.Token(Now.AddMinutes(5));

        (await _gateway.AskAsync(token)).Status.ShouldBe(200);
        (await _gateway.AskAsync(token)).Status.ShouldBe(429);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task IssuerThatCannotBeAsked_IsNotTheCallersFault(bool streaming)
    {
        _issuer.Server.Handler = _ => FakeReply.Text(503, "text/plain", "away");

        using var response = await _gateway.SendAsync(
            "POST", "/v1/chat/completions", _issuer.Token(Now.AddMinutes(5)), $$"""{"model":"offline","stream":{{(streaming ? "true" : "false")}},"messages":[{"role":"user","content":"Hi"}]}""");

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await response.ErrorAsync()).Code.ShouldBe("issuer_unavailable");
        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(30));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    // As text, for a test may want what is no valid JSON text.
    private string TokenWith(string claims)
    {
        var rest = $$"""{"iss":"{{_issuer.Address}}","aud":"llm-gateway","sub":"ada","exp":{{Now.AddMinutes(5).ToUnixTimeSeconds()}}""";
        return _issuer.Keys[0].Token(claims == "{}" ? rest + "}" : $"{rest},{claims[1..]}", """{"alg":"RS256","kid":"first"}""");
    }
}
