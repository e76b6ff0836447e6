namespace LlmOps.Gateway.Access;

/// <summary>The one table of who may call what. A route that is not in it needs a user.</summary>
internal static class RouteAccess
{
    private static readonly (string? Method, PathString Path, Roles Needed)[] Rules =
    [
        (null, "/admin", Roles.Admin),
        (HttpMethods.Delete, "/cache", Roles.Admin),
        (null, "/health", Roles.None),
        (null, "/alive", Roles.None),
        (null, "/docs", Roles.None),
        (null, "/openapi", Roles.None),
    ];

    /// <summary>The role that a request needs.</summary>
    public static Roles Of(string method, PathString path)
    {
        foreach (var rule in Rules)
        {
            if ((rule.Method is null || HttpMethods.Equals(rule.Method, method)) && path.StartsWithSegments(rule.Path))
            {
                return rule.Needed;
            }
        }

        return Roles.User;
    }
}
