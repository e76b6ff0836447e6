using LlmOps.Gateway.Access;
using LlmOps.Gateway.Access.Tokens;
using LlmOps.Gateway.Access.Users;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints;

/// <summary>/auth: a username and password for tokens; and whom a credential is of.</summary>
internal static class AuthEndpoints
{
    private const int LongestRefreshToken = 256;

    public static void MapAuth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/auth").WithTags("Users");
        group.MapPost("/login", LoginAsync).WithSummary("A username and password for an access token (1 hour) and a refresh token (30 days)").WithMetadata(ApiExamples.Login);
        group.MapPost("/refresh", RefreshAsync).WithSummary("A refresh token, which holds once, for the next two tokens").WithMetadata(ApiExamples.Refresh);
        group.MapPost("/logout", LogoutAsync).WithSummary("Ends the session of the access token that is shown");
        group.MapGet("/verify", Verify).WithSummary("Whom the credential that is shown is of, and what it may");
    }

    private static async Task<Ok<TokenReply>> LoginAsync(HttpContext http, GatewayConfiguration configuration, Logins logins, Sessions sessions)
    {
        var body = JsonBody.Parse(await RequestBody.ReadAsync(http, configuration.Current));
        var username = body.Required(body.Root, "username"u8, "the user's name");
        var name = body.Text(username);
        var password = Secret(body, "password", PasswordHash.LongestPassword);
        if (!AccessNames.IsUsername(name))
        {
            throw body.Invalid(username, AccessNames.UsernameForm);
        }

        var user = await logins.CheckAsync(name, password, http.Connection.RemoteIpAddress, http.RequestAborted);
        return Reply(http, await sessions.StartAsync(user, http.RequestAborted));
    }

    private static async Task<Ok<TokenReply>> RefreshAsync(HttpContext http, GatewayConfiguration configuration, Sessions sessions)
    {
        var body = JsonBody.Parse(await RequestBody.ReadAsync(http, configuration.Current));
        return Reply(http, await sessions.RefreshAsync(Secret(body, "refresh_token", LongestRefreshToken)));
    }

    private static async Task<NoContent> LogoutAsync(HttpContext http, Sessions sessions)
    {
        if (http.Features.GetRequiredFeature<Principal>().Session is not { } session)
        {
            throw new GatewayException(ErrorCode.InvalidValue, "Only an access token of POST /auth/login has a session that can be ended; a key is revoked by DELETE /admin/keys/ID.");
        }

        await sessions.EndAsync(session);
        return TypedResults.NoContent();
    }

    private static Ok<VerifyReply> Verify(HttpContext http)
    {
        var principal = http.Features.GetRequiredFeature<Principal>();
        return TypedResults.Ok(new VerifyReply(Valid: true, principal.Subject, principal.Tenant, RoleNames.Of(principal.Roles), principal.ExpiresAt));
    }

    // What is wrong with it is told without the value.
    private static string Secret(JsonBody body, string field, int longest) =>
        JsonBody.Optional(body.Root, field) is not { } value ? throw new GatewayException(ErrorCode.MissingParameter, $"{field} is missing; expected a string.", field)
        : JsonWebToken.Text(value) is { Length: > 0 } text && text.Length <= longest ? text
        : throw new GatewayException(ErrorCode.InvalidValue, $"{field} is not of the expected form: a string of 1 to {longest} characters.", field);

    private static Ok<TokenReply> Reply(HttpContext http, TokenPair pair)
    {
        // RFC 6749, section 5.1.
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new TokenReply(pair.AccessToken, "Bearer", (int)AccessTokens.Lifetime.TotalSeconds, pair.RefreshToken));
    }
}

/// <summary>What /auth/login and /auth/refresh answer.</summary>
/// <param name="AccessToken">For requests: Authorization: Bearer ACCESS_TOKEN.</param>
/// <param name="TokenType">Bearer.</param>
/// <param name="ExpiresIn">How long the access token holds, in seconds.</param>
/// <param name="RefreshToken">For POST /auth/refresh; it holds once, and for 30 days.</param>
internal sealed record TokenReply(string AccessToken, string TokenType, int ExpiresIn, string RefreshToken)
{
    /// <summary>Without the tokens.</summary>
    public override string ToString() => nameof(TokenReply);
}

/// <summary>What /auth/verify answers to a valid credential; others are a 401.</summary>
/// <param name="Valid">True.</param>
/// <param name="Subject">A user's name; of a key its id; of another issuer's user NAME:subject.</param>
/// <param name="Tenant">Its tenant.</param>
/// <param name="Roles">user, operator, admin.</param>
/// <param name="ExpiresAt">When the credential ends; null for never.</param>
internal sealed record VerifyReply(bool Valid, string Subject, string Tenant, IReadOnlyList<string> Roles, DateTimeOffset? ExpiresAt);
