using System.Text.Json;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access.Tokens;

/// <summary>What a token whose signature is right must claim to be taken.</summary>
/// <param name="Issuer">Who must have issued it.</param>
/// <param name="Audience">Whom it must be meant for, among others.</param>
/// <param name="Skew">How far its issuer's clock may be off.</param>
internal sealed record TokenRules(string Issuer, string Audience, TimeSpan Skew)
{
    /// <summary>Checks issuer, audience and times.</summary>
    /// <returns>When the token ends, skew and all.</returns>
    /// <exception cref="GatewayException">401: it is not to be taken.</exception>
    public DateTimeOffset Check(JsonWebToken token, DateTimeOffset now)
    {
        if (token.Text("iss") != Issuer)
        {
            throw Refusal("is of another issuer");
        }

        if (!IsForAudience(token.Claims))
        {
            throw Refusal("is not meant for this gateway (aud)");
        }

        if (!token.TryGetDate("exp", out var expires) || !token.TryGetDate("nbf", out var notBefore) || !token.TryGetDate("iat", out _))
        {
            throw Refusal("has a time (exp, nbf or iat) that is no number of seconds since 1970");
        }

        if (expires is null)
        {
            throw Refusal("does not say when it ends (exp)");
        }

        if (notBefore - Skew > now)
        {
            throw Refusal("is not valid yet (nbf)");
        }

        return expires.Value + Skew is var end && now < end ? end : throw Expired();
    }

    /// <summary>The refusal of a token.</summary>
    /// <param name="why">The end of a sentence that begins with "The token".</param>
    public static GatewayException Refusal(string why) => new(ErrorCode.InvalidApiKey, $"The token {why}.");

    /// <summary>The refusal of a token that has ended.</summary>
    public static GatewayException Expired() => new(ErrorCode.TokenExpired, "The token has expired: renew it by POST /auth/refresh, or at whoever issued it.");

    private bool IsForAudience(JsonElement claims) =>
        claims.TryGetProperty("aud"u8, out var audience)
        && (audience.ValueKind == JsonValueKind.Array ? audience.EnumerateArray().Any(item => JsonWebToken.Text(item) == Audience) : JsonWebToken.Text(audience) == Audience);
}
