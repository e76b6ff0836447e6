using System.Collections.Concurrent;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access.Tokens;

/// <summary>Verifies tokens of the issuers that the configuration names.</summary>
internal sealed class ExternalIssuers(GatewayConfiguration configuration, IssuerHttp http, TimeProvider time, ILogger<IssuerKeys> logger)
{
    // As many as were ever configured; what is known of an issuer outlives a change of other settings.
    private readonly ConcurrentDictionary<(string Issuer, bool AllowsPrivateHosts), IssuerKeys> _keys = new();

    /// <summary>The configured issuer of a token; null where it is of another one.</summary>
    public (string Name, IssuerOptions Options)? Find(JsonWebToken token)
    {
        var issuers = configuration.Current.Options.Access.Issuers;
        if (issuers.Count > 0 && token.Text("iss") is { } claimed)
        {
            foreach (var (name, issuer) in issuers)
            {
                if (issuer.Issuer == claimed)
                {
                    return (name, issuer);
                }
            }
        }

        return null;
    }

    /// <summary>Verifies a token of an issuer.</summary>
    /// <exception cref="GatewayException">401: it is not to be taken. 503: that cannot be said now.</exception>
    public async ValueTask<ExternalIdentity> VerifyAsync(string name, IssuerOptions issuer, JsonWebToken token, CancellationToken cancellationToken)
    {
        var keys = _keys.GetOrAdd((issuer.Issuer, issuer.AllowPrivateKeyHosts), static (id, self) => self.KeysOf(id), this);
        var candidates = await keys.ForAsync(token, cancellationToken);
        if (!candidates.Any(token.IsSignedBy))
        {
            throw TokenRules.Refusal("is not signed by its issuer");
        }

        var end = new TokenRules(issuer.Issuer, issuer.Audience, issuer.Skew).Check(token, time.GetUtcNow());
        return new ExternalIdentity(IssuerClaims.Subject(name, token), IssuerClaims.Tenant(issuer, token), IssuerClaims.Roles(issuer, token), end);
    }

    private IssuerKeys KeysOf((string Issuer, bool AllowsPrivateHosts) id) => new(id.Issuer, id.AllowsPrivateHosts, http, time, logger);
}

/// <summary>Who an issuer says that somebody is.</summary>
/// <param name="Subject">The user, as NAME:subject.</param>
/// <param name="Tenant">The tenant; null where the token names none.</param>
/// <param name="Roles">What it may do.</param>
/// <param name="ExpiresAt">When the token ends.</param>
internal sealed record ExternalIdentity(string Subject, string? Tenant, Roles Roles, DateTimeOffset ExpiresAt);
