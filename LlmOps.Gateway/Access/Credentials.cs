using LlmOps.Gateway.Access.Keys;
using LlmOps.Gateway.Access.Tokens;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access;

/// <summary>Tells who shows a credential. Nothing is asked for that, but the keys of another issuer now and then: keys and users are known from memory.</summary>
internal sealed class Credentials(AdministratorKey administratorKey, AccessDirectory directory, AccessTokens tokens, ExternalIssuers issuers, TimeProvider time)
{
    /// <summary>Who shows it; null where it is none of ours.</summary>
    /// <param name="credential">What stands after <c>Bearer</c>.</param>
    /// <param name="isNeeded">Whether nobody is let in without one. Where it is not, clients send any text at all, for their libraries insist on one: what looks like no key, and like no token of ours or of an issuer that is known, is not looked for then.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="GatewayException">401: it is a key or token that does not hold, or one that nobody knows. 403: the token names no tenant. 503: no keys are known yet.</exception>
    public ValueTask<Principal?> FindAsync(ReadOnlySpan<char> credential, bool isNeeded, CancellationToken cancellationToken)
    {
        if (administratorKey.Matches(credential))
        {
            return new(Principal.Administrator);
        }

        string? fault = null;
        if (JsonWebToken.IsLikely(credential) && JsonWebToken.Read(credential, out fault) is { } token)
        {
            if (AccessTokens.IsOwn(token))
            {
                return new(tokens.Verify(token));
            }

            if (issuers.Find(token) is var (name, issuer))
            {
                return VerifyAsync(name, issuer, token, cancellationToken);
            }

            fault = "is of an issuer that this gateway does not know";
        }

        // A key that its owner chose may look like a token.
        return FindKey(credential, isNeeded) is { } principal ? new(principal)
            : isNeeded && fault is not null ? throw TokenRules.Refusal(fault)
            : default;
    }

    private async ValueTask<Principal?> VerifyAsync(string name, IssuerOptions issuer, JsonWebToken token, CancellationToken cancellationToken)
    {
        var identity = await issuers.VerifyAsync(name, issuer, token, cancellationToken);
        return identity.Tenant is { } tenant && AccessNames.IsName(tenant)
            ? directory.Current.PrincipalOf(tenant, identity.Subject, identity.Roles) is { } principal ? principal with { User = identity.Subject, ExpiresAt = identity.ExpiresAt } : null
            : throw new GatewayException(ErrorCode.PermissionDenied, $"The token names no tenant: its claim '{issuer.TenantClaim}' is missing, or is no name ({AccessNames.NameForm}).");
    }

    private Principal? FindKey(ReadOnlySpan<char> credential, bool isNeeded)
    {
        if (!isNeeded && !KeyText.Is(credential))
        {
            return null;
        }

        var known = directory.Current;
        var (state, key) = known.FindKey(credential, time.GetUtcNow());
        return state switch
        {
            KeyState.Valid => key!.Principal,
            KeyState.Unknown when !KeyText.Is(credential) => null,
            KeyState.Unknown when known.Version is null => throw new GatewayException(
                ErrorCode.DatabaseUnavailable, "Keys cannot be checked: the database has not been asked yet, and there is no copy of its keys here.") { RetryAfter = TimeSpan.FromSeconds(1) },
            KeyState.Unknown => throw new GatewayException(ErrorCode.InvalidApiKey, "There is no such key."),
            KeyState.Expired => throw new GatewayException(ErrorCode.InvalidApiKey, $"This key has expired ({key!.Row.Id})."),
            KeyState.Replaced => throw new GatewayException(ErrorCode.InvalidApiKey, $"This key was replaced by another one, and has expired ({key!.Row.Id})."),
            KeyState.Revoked => throw new GatewayException(ErrorCode.InvalidApiKey, $"This key was revoked ({key!.Row.Id})."),
            _ => throw new GatewayException(ErrorCode.InvalidApiKey, $"The user of this key is disabled ({key!.Row.Id})."),
        };
    }
}
