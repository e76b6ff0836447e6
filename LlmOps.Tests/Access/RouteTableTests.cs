using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Keys;
using LlmOps.Tests.Access.Tokens;
using LlmOps.Tests.Access.Users;
using LlmOps.Tests.Docs;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace LlmOps.Tests.Access;

/// <summary>
/// Every route with every kind of credential in every mode. What is expected stands here, not in the gateway: a route that is new,
/// or is opened by mistake, fails these tests. docs/security.md shows the same table.
/// </summary>
public sealed partial class RouteTableTests
{
    private static readonly Dictionary<string, Group> Expected = new()
    {
        ["GET /alive"] = Group.Public,
        ["GET /health"] = Group.Public,
        ["GET /health/ready"] = Group.Public,
        ["GET /docs/index.html"] = Group.Docs,
        ["GET /openapi/{documentName}.json"] = Group.Docs,
        ["GET /metrics"] = Group.Docs,
        ["POST /v1/chat/completions"] = Group.Ask,
        ["POST /v1/embeddings"] = Group.Ask,
        ["POST /llm/generate"] = Group.AskKnown,
        ["POST /invoke"] = Group.Ask,
        ["POST /chat"] = Group.Ask,
        ["POST /chat/stream"] = Group.Ask,
        ["POST /summarize"] = Group.Ask,
        ["POST /summarize/stream"] = Group.Ask,
        ["POST /prompts/{name}/run"] = Group.Ask,
        ["POST /prompts/{name}/render"] = Group.Ask,
        ["POST /feedback"] = Group.Ask,
        ["GET /"] = Group.Ask,
        ["GET /nowhere"] = Group.Ask,
        ["GET /v1/models"] = Group.Look,
        ["GET /v1/models/{**id}"] = Group.Look,
        ["GET /info"] = Group.Look,
        ["GET /cache/stats"] = Group.Look,
        ["GET /stats"] = Group.Look,
        ["GET /system/health"] = Group.Look,
        ["GET /prompts"] = Group.Look,
        ["GET /prompts/{name}"] = Group.Look,
        ["GET /system/security-metrics"] = Group.Look,
        ["DELETE /cache"] = Group.Administer,
        ["GET /admin/configuration"] = Group.Read,
        ["GET /admin/models"] = Group.Read,
        ["GET /admin/usage"] = Group.Read,
        ["GET /admin/prompts"] = Group.Read,
        ["POST /admin/prompts/reload"] = Group.Administer,
        ["PUT /admin/prompts/{name}/labels/{label}"] = Group.Administer,
        ["POST /admin/prompts/{name}/labels/{label}/rollback"] = Group.Administer,
        ["GET /admin/prompts/{name}/history"] = Group.Read,
        ["GET /admin/experiments"] = Group.Read,
        ["POST /admin/experiments"] = Group.Administer,
        ["GET /admin/experiments/{name}"] = Group.Read,
        ["PATCH /admin/experiments/{name}"] = Group.Administer,
        ["POST /admin/experiments/{name}/decide"] = Group.Administer,
        ["GET /admin/nowhere"] = Group.Read,
        ["POST /admin/nowhere"] = Group.Administer,
        ["GET /admin/keys"] = Group.Read,
        ["GET /admin/keys/{id}"] = Group.Read,
        ["POST /admin/keys"] = Group.Administer,
        ["PATCH /admin/keys/{id}"] = Group.Administer,
        ["DELETE /admin/keys/{id}"] = Group.Administer,
        ["POST /admin/keys/{id}/rotate"] = Group.Administer,
        ["GET /admin/tenants"] = Group.Read,
        ["GET /admin/tenants/{name}"] = Group.Read,
        ["PUT /admin/tenants/{name}"] = Group.Administer,
        ["DELETE /admin/tenants/{name}"] = Group.Administer,
        ["GET /admin/teams"] = Group.Read,
        ["GET /admin/teams/{name}"] = Group.Read,
        ["PUT /admin/teams/{name}"] = Group.Administer,
        ["DELETE /admin/teams/{name}"] = Group.Administer,
        ["GET /admin/users"] = Group.Read,
        ["GET /admin/users/{username}"] = Group.Read,
        ["POST /admin/users"] = Group.Administer,
        ["PATCH /admin/users/{username}"] = Group.Administer,
        ["DELETE /admin/users/{username}"] = Group.Administer,
        ["POST /auth/login"] = Group.Public,
        ["POST /auth/refresh"] = Group.Public,
        ["GET /auth/verify"] = Group.Known,

        // The last one, for it ends the sessions of the tokens that are shown.
        ["POST /auth/logout"] = Group.Known,
    };

    private const string TokenSecret = "a secret of more than thirty-two bytes";

    private static DateTimeOffset Later => TimeProvider.System.GetUtcNow().AddHours(1);

    // Not endpoints of the gateway: a page that a middleware serves, and paths that nobody serves.
    private static readonly string[] Unmapped = ["GET /docs/index.html", "GET /metrics", "GET /nowhere", "GET /admin/nowhere", "POST /admin/nowhere"];

    private enum Group
    {
        /// <summary>Whoever reaches the address.</summary>
        Public,

        /// <summary>Whoever reaches the address in open mode; else every role.</summary>
        Docs,

        /// <summary>Users, and in open mode everyone.</summary>
        Ask,

        /// <summary>Users, in open mode too.</summary>
        AskKnown,

        /// <summary>Users and operators, and in open mode everyone.</summary>
        Look,

        /// <summary>Everyone who has a role.</summary>
        Known,

        /// <summary>Operators.</summary>
        Read,

        /// <summary>Administrators.</summary>
        Administer,
    }

    private enum Shown
    {
        Nothing,
        SomeText,
        UnknownKey,
        UserKey,
        OperatorKey,
        AdminKey,
        ConfiguredKey,
        ExpiredKey,
        RevokedKey,
        ReplacedKey,
        KeyOfDisabledUser,
        UserToken,
        OperatorToken,
        AdminToken,
        ExpiredToken,
        ForgedToken,
        TokenOfEndedSession,
        TokenOfDisabledUser,
        IssuersUserToken,
        IssuersAdminToken,
        IssuersTokenWithoutRoles,
        IssuersExpiredToken,
        TokenOfAnotherIssuer,
    }

    [Theory]
    [InlineData("Open")]
    [InlineData("Required")]
    [InlineData("")]
    public async Task EveryRoute_AdmitsWhomItShould(string mode)
    {
        await using var issuer = new FakeIssuer();
        await using var gateway = issuer.Configure(new GatewayApplication()).With("Gateway:Access:Mode", mode)
            .With("Gateway:Access:TokenSecret", TokenSecret).With("Gateway:Access:AddressLimits:RequestsPerMinute", "1000000");
        var credentials = await CredentialsAsync(gateway, issuer);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = gateway.Address };
        List<string> wrong = [];
        foreach (var (route, group) in Expected)
        {
            foreach (var (shown, credential) in credentials)
            {
                var expected = Outcome(group, shown, isOpen: mode != "Required");
                var status = await StatusAsync(http, route, credential);
                if ((status is 401 or 403 ? status : 200) != expected)
                {
                    wrong.Add($"{route} with {shown}: {status}, expected {expected}");
                }
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public async Task Table_HasEveryRouteThereIs()
    {
        await using var gateway = new GatewayApplication();
        _ = gateway.Http;

        var mapped = gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Select(method => $"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}"));

        mapped.ShouldBe(Expected.Keys.Except(Unmapped), ignoreOrder: true);
    }

    [Theory]
    [InlineData("POST", "/ADMIN/keys")]
    [InlineData("POST", "/admin/keys/")]
    [InlineData("POST", "/%61dmin/keys")]
    [InlineData("POST", "//admin/keys")]
    [InlineData("POST", "/v1/../admin/keys")]
    [InlineData("POST", "/admin%2Fkeys")]
    [InlineData("DELETE", "/CACHE/")]
    [InlineData("PURGE", "/admin/keys")]
    public async Task OtherSpellings_LeadNowhereWithoutAKey(string method, string path)
    {
        await using var gateway = new GatewayApplication().With("Gateway:Access:Mode", "Open");

        (await StatusAsync(gateway.Http, $"{method} {path}", "sk-anything", "{\"name\":\"ci\"}")).ShouldBeOneOf(401, 404, 405);
    }

    [Theory]
    [InlineData("true", "Required", 200)]
    [InlineData("false", "Open", 401)]
    public async Task Docs_AreAsPublicAsIsSaid(string isPublic, string mode, int expected)
    {
        await using var gateway = new GatewayApplication().With("Gateway:Access:Mode", mode).With("Gateway:Access:PublicDocs", isPublic);

        (await StatusAsync(gateway.Http, "GET /docs/index.html", null)).ShouldBe(expected);
        (await StatusAsync(gateway.Http, "GET /openapi/v1.json", null)).ShouldBe(expected);
    }

    [Theory]
    [InlineData(null, "X-Anything", "203.0.113.7", 200)]
    [InlineData(null, "X-Forwarded-For", "203.0.113.7", 401)]
    [InlineData(null, "X-Forwarded-For", "127.0.0.1", 401)]
    [InlineData(null, "Forwarded", "for=203.0.113.7", 401)]
    [InlineData(null, "X-Real-IP", "203.0.113.7", 401)]
    [InlineData("127.0.0.1", "X-Forwarded-For", "203.0.113.7", 401)]
    [InlineData("127.0.0.1", "X-Forwarded-For", "127.0.0.1", 200)]
    public async Task WhoComesThroughAProxyOfThisMachine_IsNotOfThisMachine(string? trusted, string header, string value, int expected)
    {
        await using var gateway = new GatewayApplication().With("Gateway:Access:TrustedProxies", trusted ?? "");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add(header, value);

        using var response = await gateway.Http.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(expected);
    }

    [Fact]
    public async Task OperatorWhoMayAsk_HasBothRoles()
    {
        await using var gateway = new GatewayApplication().With("Gateway:Access:Mode", "Required");
        var (_, key) = await gateway.CreateKeyAsync("""{"name":"both","roles":["user","operator"]}""");

        (await gateway.AskAsync(key)).Status.ShouldBe(200);
        (await StatusAsync(gateway.Http, "GET /admin/keys", key)).ShouldBe(200);
    }

    [Fact]
    public void Table_IsThatOfTheDocumentation()
    {
        var table = new StringBuilder("| route | without a credential, open | without, required | user | operator | admin |\n|---|---|---|---|---|---|\n");
        foreach (var (route, group) in Expected.Where(entry => !Unmapped.Contains(entry.Key) || entry.Value == Group.Docs))
        {
            table.Append(
                CultureInfo.InvariantCulture,
                $"| `{route.Replace("index.html", "", StringComparison.Ordinal)}` | {Word(Outcome(group, Shown.Nothing, isOpen: true))} | {Word(Outcome(group, Shown.Nothing, isOpen: false))} | {Word(Outcome(group, Shown.UserKey, isOpen: false))} | {Word(Outcome(group, Shown.OperatorKey, isOpen: false))} | {Word(Outcome(group, Shown.AdminKey, isOpen: false))} |\n");
        }

        GeneratedDocs.Verify("security.md", "routes", table.ToString());
    }

    private static string Word(int outcome) => outcome == 200 ? "yes" : outcome.ToString(CultureInfo.InvariantCulture);

    private static int Outcome(Group group, Shown shown, bool isOpen) => (group, shown) switch
    {
        (Group.Public, _) => 200,
        (Group.Docs, _) when isOpen => 200,
        (_, Shown.UnknownKey or Shown.ExpiredKey or Shown.RevokedKey or Shown.ReplacedKey or Shown.KeyOfDisabledUser) => 401,
        (_, Shown.ExpiredToken or Shown.ForgedToken or Shown.TokenOfEndedSession or Shown.TokenOfDisabledUser or Shown.IssuersExpiredToken) => 401,
        (Group.Ask or Group.Look, Shown.Nothing or Shown.SomeText or Shown.TokenOfAnotherIssuer) => isOpen ? 200 : 401,
        (_, Shown.Nothing or Shown.SomeText or Shown.TokenOfAnotherIssuer) => 401,
        (_, Shown.IssuersTokenWithoutRoles) => 403,
        (_, Shown.AdminKey or Shown.ConfiguredKey or Shown.AdminToken or Shown.IssuersAdminToken) => 200,
        (Group.Ask or Group.AskKnown, Shown.OperatorKey or Shown.OperatorToken) => 403,
        (Group.Read or Group.Administer, Shown.UserKey or Shown.UserToken or Shown.IssuersUserToken) => 403,
        (Group.Administer, Shown.OperatorKey or Shown.OperatorToken) => 403,
        _ => 200,
    };

    private static async Task<List<(Shown Shown, string? Credential)>> CredentialsAsync(GatewayApplication gateway, FakeIssuer issuer)
    {
        var expired = await gateway.CreateKeyAsync("""{"name":"expired"}""");
        await gateway.Services.GetRequiredService<AccessDirectory>().ChangeAsync(async connection =>
        {
            await KeyTable.UpdateAsync(connection, (await KeyTable.FindAsync(connection, expired.Id))! with { ExpiresAt = 1 });
            return true;
        });
        var revoked = await gateway.CreateKeyAsync("""{"name":"revoked"}""");
        await gateway.AdministerAsync("DELETE", $"/admin/keys/{revoked.Id}");
        var replaced = await gateway.CreateKeyAsync("""{"name":"replaced"}""");
        await gateway.AdministerAsync("POST", $"/admin/keys/{replaced.Id}/rotate", """{"overlap_seconds":0}""");
        await gateway.AdministerAsync("POST", "/admin/users", """{"username":"gone","disabled":true}""", HttpStatusCode.Created);
        return
        [
            (Shown.Nothing, null),
            (Shown.SomeText, "sk-any-text"),
            (Shown.UnknownKey, KeyText.Create()),
            (Shown.UserKey, (await gateway.CreateKeyAsync("""{"name":"user"}""")).Key),
            (Shown.OperatorKey, (await gateway.CreateKeyAsync("""{"name":"operator","roles":["operator"]}""")).Key),
            (Shown.AdminKey, (await gateway.CreateKeyAsync("""{"name":"admin","roles":["admin"]}""")).Key),
            (Shown.ConfiguredKey, GatewayApplication.AdministratorKey),
            (Shown.ExpiredKey, expired.Key),
            (Shown.RevokedKey, revoked.Key),
            (Shown.ReplacedKey, replaced.Key),
            (Shown.KeyOfDisabledUser, (await gateway.CreateKeyAsync("""{"name":"gone","user":"gone"}""")).Key),
            .. await TokensAsync(gateway),
            (Shown.IssuersUserToken, issuer.Token(Later)),
            (Shown.IssuersAdminToken, issuer.Token(Later, claims => claims["realm_access"]!["roles"] = new JsonArray("llm-admin"))),
            (Shown.IssuersTokenWithoutRoles, issuer.Token(Later, claims => claims.Remove("realm_access"))),
            (Shown.IssuersExpiredToken, issuer.Token(DateTimeOffset.UnixEpoch)),
            (Shown.TokenOfAnotherIssuer, issuer.Token(Later, claims => claims["iss"] = "https://another.example")),
        ];
    }

    private static async Task<List<(Shown Shown, string? Credential)>> TokensAsync(GatewayApplication gateway)
    {
        List<(Shown Shown, string? Credential)> tokens = [];
        foreach (var (shown, roles) in new[] { (Shown.UserToken, "user"), (Shown.OperatorToken, "operator"), (Shown.AdminToken, "admin"), (Shown.TokenOfEndedSession, "user"), (Shown.TokenOfDisabledUser, "user") })
        {
            await gateway.AddUserAsync(shown.ToString(), roles);
            tokens.Add((shown, (await gateway.LoggedInAsync(shown.ToString())).Access));
        }

        using var ended = await gateway.SendAsync("POST", "/auth/logout", tokens[3].Credential);
        ended.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await gateway.AdministerAsync("PATCH", $"/admin/users/{Shown.TokenOfDisabledUser}", """{"disabled":true}""");
        var claims = new JsonObject { ["iss"] = "llmops", ["aud"] = "llmops", ["sub"] = Shown.AdminToken.ToString(), ["sid"] = "made up", ["exp"] = 1 };
        tokens.Add((Shown.ExpiredToken, TestKey.Hmac(Encoding.UTF8.GetBytes(TokenSecret)).Token(claims)));
        claims["exp"] = Later.ToUnixTimeSeconds();
        tokens.Add((Shown.ForgedToken, TestKey.Hmac(Encoding.UTF8.GetBytes("another secret of thirty-two bytes")).Token(claims)));
        return tokens;
    }

    // A body that is refused at once: what is looked at here comes before it.
    private static async Task<int> StatusAsync(HttpClient http, string route, string? credential, string body = "[]")
    {
        var (method, path) = (route.Split(' ')[0], Parameter().Replace(route.Split(' ')[1], match => match.Value == "{documentName}" ? "v1" : "x"));
        var exactly = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(http.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, exactly));
        request.Headers.Authorization = credential is null ? null : new("Bearer", credential);
        request.Content = method is "GET" or "DELETE" ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        return (int)response.StatusCode;
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
