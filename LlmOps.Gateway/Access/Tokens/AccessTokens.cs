using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using LlmOps.Gateway.Access.Users;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access.Tokens;

/// <summary>The gateway's own access tokens: whoever logs in is given one, and every replica takes it.</summary>
internal sealed class AccessTokens(GatewayConfiguration configuration, AccessDirectory directory, TimeProvider time)
{
    /// <summary>How long one holds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private const string Issuer = "llmops";
    private const string SessionClaim = "sid";
    private const string Header = """{"alg":"HS256","typ":"JWT"}""";

    private static readonly TokenRules Rules = new(Issuer, Issuer, TimeSpan.Zero);
    private static readonly string EncodedHeader = Base64Url.EncodeToString(Encoding.ASCII.GetBytes(Header));

    /// <summary>Makes one for a user.</summary>
    /// <param name="user">The user.</param>
    /// <param name="session">Its session.</param>
    public string Create(AccessUser user, string session)
    {
        var claims = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(claims))
        {
            var now = time.GetUtcNow();
            json.WriteStartObject();
            json.WriteString("iss"u8, Issuer);
            json.WriteString("aud"u8, Issuer);
            json.WriteString("sub"u8, user.Name);
            json.WriteString("tenant"u8, user.Principal.Tenant);
            json.WriteStartArray("roles"u8);
            foreach (var role in RoleNames.Of(user.Principal.Roles))
            {
                json.WriteStringValue(role);
            }

            json.WriteEndArray();
            json.WriteString(SessionClaim, session);
            json.WriteString("jti"u8, Guid.NewGuid().ToString("N"));
            json.WriteNumber("iat"u8, now.ToUnixTimeSeconds());
            json.WriteNumber("exp"u8, (now + Lifetime).ToUnixTimeSeconds());
            json.WriteEndObject();
        }

        var signed = $"{EncodedHeader}.{Base64Url.EncodeToString(claims.WrittenSpan)}";
        return $"{signed}.{Base64Url.EncodeToString(Key().Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Whether a token says that it is one of them.</summary>
    public static bool IsOwn(JsonWebToken token) => token.Text("iss") == Issuer;

    /// <summary>
    /// Who shows a token. What the user may do is known here: what the token says of it was so when it was made.
    /// </summary>
    /// <exception cref="GatewayException">401: it is not to be taken. 503: nobody is known yet.</exception>
    public Principal Verify(JsonWebToken token)
    {
        if (!token.IsSignedBy(Key()))
        {
            throw TokenRules.Refusal("is not signed by this gateway, or by an earlier secret of it");
        }

        var end = Rules.Check(token, time.GetUtcNow());
        var known = directory.Current;
        if (token.Text(SessionClaim) is not { } session || known.IsEnded(session))
        {
            throw TokenRules.Refusal("is of a session that was ended");
        }

        return known.FindUser(token.Text("sub") ?? "") switch
        {
            { IsDisabled: false } user => user.Principal with { Session = session, ExpiresAt = end },
            null when known.Version is null => throw NobodyKnown(),
            _ => throw TokenRules.Refusal("is of a user that is disabled, or is not there any more"),
        };
    }

    private HmacKey Key()
    {
        if (configuration.Current.Options.Access.TokenSecret is { } configured)
        {
            return new HmacKey(Encoding.UTF8.GetBytes(configured.Reveal()));
        }

        var known = directory.Current;
        return known.Version is null ? throw NobodyKnown() : new HmacKey(known.TokenSecret);
    }

    private static GatewayException NobodyKnown() => new(
        ErrorCode.DatabaseUnavailable, "Tokens cannot be checked: the database has not been asked yet, and there is no copy of its users here.") { RetryAfter = TimeSpan.FromSeconds(1) };
}
