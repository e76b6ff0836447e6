using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access.Tokens;

/// <summary>Who an issuer's user is here, by what its token claims.</summary>
internal static class IssuerClaims
{
    // OpenID Connect Core, section 2: at most 255 ASCII characters.
    private const int LongestSubject = 255;

    /// <summary>The user, as NAME:subject, which no user of the gateway's own can be called.</summary>
    /// <exception cref="GatewayException">401: the token names nobody.</exception>
    public static string Subject(string name, JsonWebToken token) =>
        token.Text("sub") is { Length: > 0 and <= LongestSubject } subject && !subject.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? $"{name}:{subject}"
            : throw TokenRules.Refusal("does not say whom it is for (sub)");

    /// <summary>The tenant; null where the token names none.</summary>
    public static string? Tenant(IssuerOptions options, JsonWebToken token) =>
        options.Tenant ?? (Find(token.Claims, options.TenantClaim!) is { } claim ? JsonWebToken.Text(claim) : null);

    /// <summary>The roles; none where the token has none that means something here.</summary>
    public static Roles Roles(IssuerOptions options, JsonWebToken token)
    {
        IEnumerable<string?> values = Find(token.Claims, options.RolesClaim) switch
        {
            { ValueKind: JsonValueKind.Array } list => list.EnumerateArray().Select(JsonWebToken.Text),
            { } text => JsonWebToken.Text(text)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [],
            null => [],
        };
        var roles = Access.Roles.None;
        foreach (var value in values.OfType<string>())
        {
            roles |= options.AdminRoles.Contains(value) ? Access.Roles.Admin | Access.Roles.Operator | Access.Roles.User : Access.Roles.None;
            roles |= options.OperatorRoles.Contains(value) ? Access.Roles.Operator : Access.Roles.None;
            roles |= options.UserRoles.Contains(value) ? Access.Roles.User : Access.Roles.None;
        }

        return roles;
    }

    // A claim's name may itself have dots: https://example.com/roles.
    private static JsonElement? Find(JsonElement claims, string path)
    {
        if (claims.TryGetProperty(path, out var claim))
        {
            return claim;
        }

        var found = claims;
        foreach (var name in path.Split('.'))
        {
            if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(name, out found))
            {
                return null;
            }
        }

        return found;
    }
}
