using System.Text.Json.Nodes;
using LlmOps.Tests.Fakes;

namespace LlmOps.Tests.Access.Tokens;

/// <summary>An OpenID Connect provider: its discovery document, its keys, and tokens signed by them.</summary>
internal sealed class FakeIssuer : IAsyncDisposable
{
    public FakeIssuer()
    {
        Address = new Uri(Server.BaseAddress, "realms/main").ToString();
        KeysAddress = Address + "/keys";
        Server.Handler = Answer;
    }

    public FakeServer Server { get; } = new();

    /// <summary>What its tokens call it.</summary>
    public string Address { get; }

    /// <summary>What its document says of itself.</summary>
    public string? ClaimedIssuer { get; set; }

    /// <summary>Where its document says that the keys are.</summary>
    public string KeysAddress { get; set; }

    /// <summary>The keys that it publishes.</summary>
    public IReadOnlyList<TestKey> Keys { get; set; } = [TestKey.Rsa("first")];

    /// <summary>Holds the keys back; null for not.</summary>
    public Gate? Hold { get; set; }

    /// <summary>How often it was asked for its keys.</summary>
    public int Fetches => Server.Requests.Count(request => request.Path == "/realms/main/keys");

    /// <summary>The settings of a gateway that takes its tokens.</summary>
    public GatewayApplication Configure(GatewayApplication gateway, string name = "corporate") => gateway
        .With($"Gateway:Access:Issuers:{name}:Issuer", Address)
        .With($"Gateway:Access:Issuers:{name}:Audience", "llm-gateway")
        .With($"Gateway:Access:Issuers:{name}:Tenant", "acme")
        .With($"Gateway:Access:Issuers:{name}:RolesClaim", "realm_access.roles")
        .With($"Gateway:Access:Issuers:{name}:AdminRoles", "llm-admin")
        .With($"Gateway:Access:Issuers:{name}:OperatorRoles", "llm-operator")
        .With($"Gateway:Access:Issuers:{name}:UserRoles", "llm-user,staff");

    /// <summary>A token of its first key; or of another one.</summary>
    public string Token(DateTimeOffset expires, Action<JsonObject>? change = null, TestKey? key = null)
    {
        var claims = new JsonObject
        {
            ["iss"] = Address,
            ["aud"] = "llm-gateway",
            ["sub"] = "ada",
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["realm_access"] = new JsonObject { ["roles"] = new JsonArray("staff") },
        };
        change?.Invoke(claims);
        return (key ?? Keys[0]).Token(claims);
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private FakeReply Answer(ReceivedRequest request) => request.Path switch
    {
        "/realms/main/.well-known/openid-configuration" => FakeReply.Json(200, new JsonObject { ["issuer"] = ClaimedIssuer ?? Address, ["jwks_uri"] = KeysAddress }.ToJsonString()),
        "/realms/main/keys" when Hold is { } hold => FakeReply.Json(200, Published()).AfterWaitingFor(hold.Opened),
        "/realms/main/keys" => FakeReply.Json(200, Published()),
        _ => FakeReply.Text(404, "text/plain", "unknown"),
    };

    private string Published() => $$"""{"keys":[{{string.Join(',', Keys.Select(key => key.PublicKey))}}]}""";
}
