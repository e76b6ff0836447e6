using LlmOps.Gateway.Access.Idempotency;
using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Access.Parameters;
using LlmOps.Gateway.Access.Tokens;
using LlmOps.Gateway.Access.Users;
using LlmOps.Gateway.Configuration;

namespace LlmOps.Gateway.Access;

/// <summary>Who may ask.</summary>
internal sealed class AccessOptions
{
    /// <summary>Whether callers need a credential. Unset: Open while all addresses listened on are loopback, else Required.</summary>
    public AccessMode? Mode { get; set; }

    /// <summary>The administrator's key, kept in memory alone. Unset: one is made at the first start, printed once, and kept as a hash. Read at start only.</summary>
    public Secret? AdministratorKey { get; set; }

    /// <summary>What the gateway's own access tokens are signed with, at least 32 bytes. Unset: one is made, and shared through the store. Another one ends all access tokens; refresh tokens hold.</summary>
    public Secret? TokenSecret { get; set; }

    /// <summary>Others whose tokens are taken, by a name (OpenID Connect); their users are called NAME:subject.</summary>
    public Dictionary<string, IssuerOptions> Issuers { get; set; } = [];

    /// <summary>How failed logins are slowed.</summary>
    public LoginOptions Logins { get; set; } = new();

    /// <summary>The first administrator's name to log in with; that user is made at a start where there is none of the name. Read at start only.</summary>
    public string? AdministratorUsername { get; set; }

    /// <summary>That user's password, of at least 12 characters; a user that is there keeps its own. Read at start only.</summary>
    public Secret? AdministratorPassword { get; set; }

    /// <summary>Whether /docs and /openapi take no credential. Unset: in open mode alone.</summary>
    public bool? PublicDocs { get; set; }

    /// <summary>Whether /metrics takes no credential. Unset: in open mode alone.</summary>
    public bool? PublicMetrics { get; set; }

    /// <summary>Limits of each address from which the anonymous ask, of IPv6 of each /64; also for requests without a valid credential and for logging in. In open mode the machine itself has none.</summary>
    public RequestLimits AddressLimits { get; set; } = new() { RequestsPerMinute = 60 };

    /// <summary>Limits of models, whoever asks them, by the name callers use: a model with two names has the limits of each.</summary>
    public Dictionary<string, RequestLimits> ModelLimits { get; set; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What may be asked of models on a route, by what its path begins with, such as /v1; all that fit hold together. By default TemperatureMax is 1 on /llm/generate.</summary>
    public Dictionary<string, RoutePolicy> Routes { get; set; } = new(StringComparer.OrdinalIgnoreCase) { ["/llm/generate"] = new() { TemperatureMax = 1 } };

    /// <summary>Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses and ranges such as 10.0.0.0/8. All others' are not read. Read at start only.</summary>
    public List<string> TrustedProxies { get; set; } = [];

    /// <summary>How requests with an idempotency key are answered once.</summary>
    public IdempotencyOptions Idempotency { get; set; } = new();

    /// <summary>Adds what is wrong with these settings together.</summary>
    public void Validate(List<string> faults)
    {
        var (name, password) = (EnvironmentNames.Describe("Gateway:Access:AdministratorUsername"), EnvironmentNames.Describe("Gateway:Access:AdministratorPassword"));
        if ((AdministratorUsername is null) != (AdministratorPassword is null))
        {
            var (missing, given) = AdministratorUsername is null ? (name, password) : (password, name);
            faults.Add($"{missing} is missing; expected it beside {given}.");
        }

        if (AdministratorUsername is not null && !AccessNames.IsUsername(AdministratorUsername))
        {
            faults.Add($"{name} is '{AdministratorUsername}'; expected {AccessNames.UsernameForm}.");
        }

        if (AdministratorPassword?.Reveal().Length is < PasswordHash.ShortestPassword or > PasswordHash.LongestPassword)
        {
            faults.Add($"{password} has {AdministratorPassword.Reveal().Length} characters; expected {PasswordHash.ShortestPassword} to {PasswordHash.LongestPassword}.");
        }

        RoutePolicy.Validate(Routes, faults);
        TokenSettings.Validate(this, faults);
    }
}

/// <summary>Whether callers need a credential.</summary>
internal enum AccessMode
{
    /// <summary>Everyone who reaches the address is the local default principal; administration still needs its key.</summary>
    Open,

    /// <summary>A request without a valid credential is a 401.</summary>
    Required,
}
