namespace LlmOps.Tests.Access;

/// <summary>Who may call what, as it is expected to be.</summary>
internal static class ExpectedAccess
{
    /// <summary>The routes, in the order in which they are tried: the last one ends sessions.</summary>
    public static readonly Dictionary<string, RouteGroup> Routes = new()
    {
        ["GET /alive"] = RouteGroup.Public,
        ["GET /health"] = RouteGroup.Public,
        ["GET /health/ready"] = RouteGroup.Public,
        ["GET /docs/index.html"] = RouteGroup.Docs,
        ["GET /openapi/v1.json"] = RouteGroup.Docs,
        ["GET /metrics"] = RouteGroup.Docs,
        ["POST /v1/chat/completions"] = RouteGroup.Ask,
        ["POST /v1/embeddings"] = RouteGroup.Ask,
        ["POST /llm/generate"] = RouteGroup.AskKnown,
        ["POST /invoke"] = RouteGroup.Ask,
        ["POST /chat"] = RouteGroup.Ask,
        ["POST /chat/stream"] = RouteGroup.Ask,
        ["POST /summarize"] = RouteGroup.Ask,
        ["POST /summarize/stream"] = RouteGroup.Ask,
        ["POST /prompts/{name}/run"] = RouteGroup.Ask,
        ["POST /prompts/{name}/render"] = RouteGroup.Ask,
        ["POST /feedback"] = RouteGroup.Ask,
        ["POST /mcp"] = RouteGroup.Ask,
        ["GET /"] = RouteGroup.Ask,
        ["GET /nowhere"] = RouteGroup.Ask,
        ["GET /v1/models"] = RouteGroup.Look,
        ["GET /v1/models/{**id}"] = RouteGroup.Look,
        ["GET /info"] = RouteGroup.Look,
        ["GET /cache/stats"] = RouteGroup.Look,
        ["GET /stats"] = RouteGroup.Look,
        ["GET /system/health"] = RouteGroup.Look,
        ["GET /prompts"] = RouteGroup.Look,
        ["GET /prompts/{name}"] = RouteGroup.Look,
        ["GET /system/security-metrics"] = RouteGroup.Look,
        ["DELETE /cache"] = RouteGroup.Administer,
        ["GET /admin/configuration"] = RouteGroup.Read,
        ["GET /admin/models"] = RouteGroup.Read,
        ["GET /admin/tools"] = RouteGroup.Read,
        ["GET /admin/usage"] = RouteGroup.Read,
        ["GET /admin/traces"] = RouteGroup.Read,
        ["GET /admin/traces/{id}"] = RouteGroup.Read,
        ["GET /admin/prompts"] = RouteGroup.Read,
        ["POST /admin/prompts/reload"] = RouteGroup.Administer,
        ["PUT /admin/prompts/{name}/labels/{label}"] = RouteGroup.Administer,
        ["POST /admin/prompts/{name}/labels/{label}/rollback"] = RouteGroup.Administer,
        ["GET /admin/prompts/{name}/history"] = RouteGroup.Read,
        ["GET /admin/experiments"] = RouteGroup.Read,
        ["POST /admin/experiments"] = RouteGroup.Administer,
        ["GET /admin/experiments/{name}"] = RouteGroup.Read,
        ["PATCH /admin/experiments/{name}"] = RouteGroup.Administer,
        ["POST /admin/experiments/{name}/decide"] = RouteGroup.Administer,
        ["POST /admin/evaluations"] = RouteGroup.Administer,
        ["GET /admin/evaluations"] = RouteGroup.Read,
        ["GET /admin/evaluations/{id}"] = RouteGroup.Read,
        ["GET /admin/nowhere"] = RouteGroup.Read,
        ["POST /admin/nowhere"] = RouteGroup.Administer,
        ["GET /admin/keys"] = RouteGroup.Read,
        ["GET /admin/keys/{id}"] = RouteGroup.Read,
        ["POST /admin/keys"] = RouteGroup.Administer,
        ["PATCH /admin/keys/{id}"] = RouteGroup.Administer,
        ["DELETE /admin/keys/{id}"] = RouteGroup.Administer,
        ["POST /admin/keys/{id}/rotate"] = RouteGroup.Administer,
        ["GET /admin/tenants"] = RouteGroup.Read,
        ["GET /admin/tenants/{name}"] = RouteGroup.Read,
        ["PUT /admin/tenants/{name}"] = RouteGroup.Administer,
        ["DELETE /admin/tenants/{name}"] = RouteGroup.Administer,
        ["GET /admin/teams"] = RouteGroup.Read,
        ["GET /admin/teams/{name}"] = RouteGroup.Read,
        ["PUT /admin/teams/{name}"] = RouteGroup.Administer,
        ["DELETE /admin/teams/{name}"] = RouteGroup.Administer,
        ["GET /admin/users"] = RouteGroup.Read,
        ["GET /admin/users/{username}"] = RouteGroup.Read,
        ["POST /admin/users"] = RouteGroup.Administer,
        ["PATCH /admin/users/{username}"] = RouteGroup.Administer,
        ["DELETE /admin/users/{username}"] = RouteGroup.Administer,
        ["POST /auth/login"] = RouteGroup.Public,
        ["POST /auth/refresh"] = RouteGroup.Public,
        ["GET /auth/verify"] = RouteGroup.Known,

        // The last one, for it ends the sessions of the tokens that are shown.
        ["POST /auth/logout"] = RouteGroup.Known,
    };

    /// <summary>Not endpoints of the gateway: a page that a middleware serves, and paths that nobody serves.</summary>
    public static readonly string[] Unmapped = ["GET /docs/index.html", "GET /nowhere", "GET /admin/nowhere", "POST /admin/nowhere"];

    /// <summary>200, 401 or 403.</summary>
    public static int Outcome(RouteGroup group, ShownCredential shown, bool isOpen) => (group, shown) switch
    {
        (RouteGroup.Public, _) => 200,
        (RouteGroup.Docs, _) when isOpen => 200,
        (_, ShownCredential.UnknownKey or ShownCredential.ExpiredKey or ShownCredential.RevokedKey or ShownCredential.ReplacedKey or ShownCredential.KeyOfDisabledUser) => 401,
        (_, ShownCredential.ExpiredToken or ShownCredential.ForgedToken or ShownCredential.TokenOfEndedSession or ShownCredential.TokenOfDisabledUser or ShownCredential.IssuersExpiredToken) => 401,
        (RouteGroup.Ask or RouteGroup.Look, ShownCredential.Nothing or ShownCredential.SomeText or ShownCredential.TokenOfAnotherIssuer) => isOpen ? 200 : 401,
        (_, ShownCredential.Nothing or ShownCredential.SomeText or ShownCredential.TokenOfAnotherIssuer) => 401,
        (_, ShownCredential.IssuersTokenWithoutRoles) => 403,
        (_, ShownCredential.AdminKey or ShownCredential.ConfiguredKey or ShownCredential.AdminToken or ShownCredential.IssuersAdminToken) => 200,
        (RouteGroup.Ask or RouteGroup.AskKnown, ShownCredential.OperatorKey or ShownCredential.OperatorToken) => 403,
        (RouteGroup.Read or RouteGroup.Administer, ShownCredential.UserKey or ShownCredential.UserToken or ShownCredential.IssuersUserToken) => 403,
        (RouteGroup.Administer, ShownCredential.OperatorKey or ShownCredential.OperatorToken) => 403,
        _ => 200,
    };
}

/// <summary>Routes that admit the same callers.</summary>
internal enum RouteGroup
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

/// <summary>What a caller may show.</summary>
internal enum ShownCredential
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
