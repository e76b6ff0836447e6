namespace LlmOps.Gateway.Access;

/// <summary>The one table of who may call what: the first rule that fits holds. A route that is not in it needs a user.</summary>
internal static class RouteAccess
{
    private const Roles Readers = Roles.User | Roles.Operator;
    private const Roles Everyone = Readers | Roles.Admin;

    private static readonly RouteRule[] Rules =
    [
        // Calls of models come first, for speed.
        new("POST", "/v1", Roles.User, Anonymous.InOpenMode),
        new("POST", "/llm", Roles.User, Anonymous.Never),
        new(null, "/alive", Roles.None, Anonymous.Always),
        new(null, "/health", Roles.None, Anonymous.Always),
        new(null, "/docs", Everyone, Anonymous.OnDocs),
        new(null, "/openapi", Everyone, Anonymous.OnDocs),
        new(null, "/metrics", Everyone, Anonymous.OnMetrics),
        new(null, "/auth/login", Roles.None, Anonymous.Always),
        new(null, "/auth/refresh", Roles.None, Anonymous.Always),
        new(null, "/auth", Everyone, Anonymous.Never),
        new("GET", "/admin", Roles.Operator, Anonymous.Never),
        new("HEAD", "/admin", Roles.Operator, Anonymous.Never),
        new(null, "/admin", Roles.Admin, Anonymous.Never),
        new("DELETE", "/cache", Roles.Admin, Anonymous.Never),

        // What tells of the gateway and spends nothing.
        new("GET", "/v1/models", Readers, Anonymous.InOpenMode),
        new("GET", "/cache/stats", Readers, Anonymous.InOpenMode),
        new("GET", "/stats", Readers, Anonymous.InOpenMode),
        new("GET", "/system", Readers, Anonymous.InOpenMode),
        new("GET", "/info", Readers, Anonymous.InOpenMode),
        new("GET", "/prompts", Readers, Anonymous.InOpenMode),
    ];

    private static readonly RouteRule Default = new(null, "/", Roles.User, Anonymous.InOpenMode);

    /// <summary>The rule that holds for a request.</summary>
    public static RouteRule Of(string method, PathString path)
    {
        foreach (var rule in Rules)
        {
            if ((rule.Method is null || HttpMethods.Equals(rule.Method, method)) && path.StartsWithSegments(rule.Path))
            {
                return rule;
            }
        }

        return Default;
    }
}

/// <summary>Who may call a route.</summary>
/// <param name="Method">The method; null for all.</param>
/// <param name="Path">What the path begins with.</param>
/// <param name="AnyOf">Roles of which one will do.</param>
/// <param name="Anonymous">When no credential is needed.</param>
internal sealed record RouteRule(string? Method, PathString Path, Roles AnyOf, Anonymous Anonymous);

/// <summary>When a route needs no credential.</summary>
internal enum Anonymous
{
    /// <summary>Not in open mode either.</summary>
    Never,

    /// <summary>In open mode.</summary>
    InOpenMode,

    /// <summary>As PublicDocs says, else in open mode.</summary>
    OnDocs,

    /// <summary>As PublicMetrics says, else in open mode.</summary>
    OnMetrics,

    /// <summary>In both modes.</summary>
    Always,
}
