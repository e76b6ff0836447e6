using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using LlmOps.Tests.Access.Users;

namespace LlmOps.Tests.Access.Tokens;

/// <summary>The gateway's own access tokens, and what only looks like one.</summary>
public sealed class OwnTokenTests : IAsyncLifetime
{
    private const string Secret = "a secret of more than thirty-two bytes";

    private readonly GatewayApplication _gateway = new GatewayApplication().With("Gateway:Access:TokenSecret", Secret);
    private readonly TestKey _key = TestKey.Hmac(Encoding.UTF8.GetBytes(Secret));

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    [Fact]
    public async Task TokenByTheConfiguredSecret_IsTaken()
    {
        await _gateway.AddUserAsync("ada");

        // What it says of tenant and roles is not looked at: the user is known here.
        (await StatusAsync(_key.Token(Claims(claims => (claims["tenant"], claims["roles"]) = ("other", new JsonArray("admin")))))).ShouldBe(HttpStatusCode.OK);
        using var response = await _gateway.SendAsync("GET", "/admin/configuration", _key.Token(Claims(claims => claims["roles"] = new JsonArray("admin"))));
        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    public static TheoryData<string, string> Forgeries => new()
    {
        { "exp", "has expired" },
        { "nbf", "not valid yet" },
        { "aud", "not meant for this gateway" },
        { "sub", "a user that is disabled, or is not there" },
        { "sid", "session that was ended" },
        { "secret", "not signed by this gateway" },
        { "none", "not signed by this gateway" },
        { "NoNe", "not signed by this gateway" },
        { "RS256", "not signed by this gateway" },
        { "signature", "not signed by this gateway" },
    };

    [Theory]
    [MemberData(nameof(Forgeries))]
    public async Task TokenThatIsNotInOrder_IsRefusedInOpenModeToo(string fault, string told)
    {
        await _gateway.AddUserAsync("ada");
        var token = fault switch
        {
            "exp" => _key.Token(Claims(claims => claims["exp"] = Now - 1)),
            "nbf" => _key.Token(Claims(claims => claims["nbf"] = Now + 100)),
            "aud" => _key.Token(Claims(claims => claims["aud"] = "another")),
            "sub" => _key.Token(Claims(claims => claims["sub"] = "bob")),
            "sid" => _key.Token(Claims(claims => claims.Remove("sid"))),
            "secret" => TestKey.Hmac(Encoding.UTF8.GetBytes("another secret of thirty-two bytes")).Token(Claims()),
            "signature" => _key.Token(Claims())[..^4] + "AAAA",
            "RS256" => TestKey.Rsa("key").Token(Claims()),
            _ => _key.Token(Claims(), $$"""{"alg":"{{fault}}"}""")[..^43],
        };

        using var response = await _gateway.SendAsync("POST", "/v1/chat/completions", token, """{"model":"offline","messages":[{"role":"user","content":"Hi"}]}""");

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var (code, message) = await response.ErrorAsync();
        message.ShouldContain(told);
        code.ShouldBe(fault == "exp" ? "token_expired" : "invalid_api_key");
        response.Headers.WwwAuthenticate.Single().ToString().ShouldBe(fault == "exp" ? "Bearer error=\"invalid_token\"" : "Bearer");
    }

    [Theory]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJpc3MiOiJzb21lYm9keSJ9.")]
    public async Task TextThatIsNoTokenOfOurs_IsAnyTextInOpenMode(string text)
    {
        (await StatusAsync(text, "/info")).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(text)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("a.b.c", "base64url")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJpc3MiOiJzb21lYm9keSJ9.", "an issuer that this gateway does not know")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJpc3MiOiJsbG1vcHMiLCJpc3MiOiJsbG1vcHMifQ.", "twice")]
    public async Task TextThatIsNoTokenOfOurs_IsRefusedWhereOneIsNeeded(string text, string told)
    {
        using var response = await _gateway.VerifyAsync(text);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await response.ErrorAsync()).Message.ShouldContain(told);
    }

    [Fact]
    public async Task AdministratorsKeyThatLooksLikeAToken_IsAKey()
    {
        await using var gateway = new GatewayApplication().With("Gateway:Access:AdministratorKey", "my.own.key");

        using var response = await gateway.VerifyAsync("my.own.key");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _gateway.DisposeAsync();

    private static JsonObject Claims(Action<JsonObject>? change = null)
    {
        var claims = new JsonObject { ["iss"] = "llmops", ["aud"] = "llmops", ["sub"] = "ada", ["sid"] = "session", ["exp"] = Now + 100 };
        change?.Invoke(claims);
        return claims;
    }

    private async Task<HttpStatusCode> StatusAsync(string credential, string path = "/auth/verify")
    {
        using var response = await _gateway.SendAsync("GET", path, credential);
        return response.StatusCode;
    }
}
