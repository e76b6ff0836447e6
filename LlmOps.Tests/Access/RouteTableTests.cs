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
/// Every route with every kind of credential in every mode. What is expected stands in <see cref="ExpectedAccess"/>, not in the gateway: a route that is new,
/// or is opened by mistake, fails these tests. docs/security.md shows the same table.
/// </summary>
public sealed partial class RouteTableTests
{
    private const string TokenSecret = "a secret of more than thirty-two bytes";

    private static DateTimeOffset Later => TimeProvider.System.GetUtcNow().AddHours(1);

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
        foreach (var (route, group) in ExpectedAccess.Routes)
        {
            foreach (var (shown, credential) in credentials)
            {
                var expected = ExpectedAccess.Outcome(group, shown, isOpen: mode != "Required");
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

        mapped.ShouldBe(ExpectedAccess.Routes.Keys.Except(ExpectedAccess.Unmapped), ignoreOrder: true);
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
        foreach (var (route, group) in ExpectedAccess.Routes.Where(entry => !ExpectedAccess.Unmapped.Contains(entry.Key) || entry.Value == RouteGroup.Docs))
        {
            table.Append(
                CultureInfo.InvariantCulture,
                $"| `{route.Replace("index.html", "", StringComparison.Ordinal)}` | {Word(ExpectedAccess.Outcome(group, ShownCredential.Nothing, isOpen: true))} | {Word(ExpectedAccess.Outcome(group, ShownCredential.Nothing, isOpen: false))} | {Word(ExpectedAccess.Outcome(group, ShownCredential.UserKey, isOpen: false))} | {Word(ExpectedAccess.Outcome(group, ShownCredential.OperatorKey, isOpen: false))} | {Word(ExpectedAccess.Outcome(group, ShownCredential.AdminKey, isOpen: false))} |\n");
        }

        GeneratedDocs.Verify("security.md", "routes", table.ToString());
    }

    private static string Word(int outcome) => outcome == 200 ? "yes" : outcome.ToString(CultureInfo.InvariantCulture);

    private static async Task<List<(ShownCredential Shown, string? Credential)>> CredentialsAsync(GatewayApplication gateway, FakeIssuer issuer)
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
            (ShownCredential.Nothing, null),
            (ShownCredential.SomeText, "sk-any-text"),
            (ShownCredential.UnknownKey, KeyText.Create()),
            (ShownCredential.UserKey, (await gateway.CreateKeyAsync("""{"name":"user"}""")).Key),
            (ShownCredential.OperatorKey, (await gateway.CreateKeyAsync("""{"name":"operator","roles":["operator"]}""")).Key),
            (ShownCredential.AdminKey, (await gateway.CreateKeyAsync("""{"name":"admin","roles":["admin"]}""")).Key),
            (ShownCredential.ConfiguredKey, GatewayApplication.AdministratorKey),
            (ShownCredential.ExpiredKey, expired.Key),
            (ShownCredential.RevokedKey, revoked.Key),
            (ShownCredential.ReplacedKey, replaced.Key),
            (ShownCredential.KeyOfDisabledUser, (await gateway.CreateKeyAsync("""{"name":"gone","user":"gone"}""")).Key),
            .. await TokensAsync(gateway),
            (ShownCredential.IssuersUserToken, issuer.Token(Later)),
            (ShownCredential.IssuersAdminToken, issuer.Token(Later, claims => claims["realm_access"]!["roles"] = new JsonArray("llm-admin"))),
            (ShownCredential.IssuersTokenWithoutRoles, issuer.Token(Later, claims => claims.Remove("realm_access"))),
            (ShownCredential.IssuersExpiredToken, issuer.Token(DateTimeOffset.UnixEpoch)),
            (ShownCredential.TokenOfAnotherIssuer, issuer.Token(Later, claims => claims["iss"] = "https://another.example")),
        ];
    }

    private static async Task<List<(ShownCredential Shown, string? Credential)>> TokensAsync(GatewayApplication gateway)
    {
        List<(ShownCredential Shown, string? Credential)> tokens = [];
        foreach (var (shown, roles) in new[] { (ShownCredential.UserToken, "user"), (ShownCredential.OperatorToken, "operator"), (ShownCredential.AdminToken, "admin"), (ShownCredential.TokenOfEndedSession, "user"), (ShownCredential.TokenOfDisabledUser, "user") })
        {
            await gateway.AddUserAsync(shown.ToString(), roles);
            tokens.Add((shown, (await gateway.LoggedInAsync(shown.ToString())).Access));
        }

        using var ended = await gateway.SendAsync("POST", "/auth/logout", tokens[3].Credential);
        ended.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await gateway.AdministerAsync("PATCH", $"/admin/users/{ShownCredential.TokenOfDisabledUser}", """{"disabled":true}""");
        var claims = new JsonObject { ["iss"] = "llmops", ["aud"] = "llmops", ["sub"] = ShownCredential.AdminToken.ToString(), ["sid"] = "made up", ["exp"] = 1 };
        tokens.Add((ShownCredential.ExpiredToken, TestKey.Hmac(Encoding.UTF8.GetBytes(TokenSecret)).Token(claims)));
        claims["exp"] = Later.ToUnixTimeSeconds();
        tokens.Add((ShownCredential.ForgedToken, TestKey.Hmac(Encoding.UTF8.GetBytes("another secret of thirty-two bytes")).Token(claims)));
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
