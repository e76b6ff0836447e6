using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Access.Tokens;

/// <summary>Somebody whose tokens are taken: an OpenID Connect provider such as Entra ID, Keycloak or Auth0.</summary>
internal sealed class IssuerOptions
{
    /// <summary>Its address, exactly as its tokens name it (iss); https, or http on a loopback address. Its keys are found by OpenID Connect discovery.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>Whom its tokens must be meant for (aud).</summary>
    public string Audience { get; set; } = "";

    /// <summary>The tenant of all its users; or set TenantClaim.</summary>
    public string? Tenant { get; set; }

    /// <summary>The claim that names a user's tenant; a dotted path such as <c>org.name</c> for one in an object. Only for an issuer that all tenants trust.</summary>
    public string? TenantClaim { get; set; }

    /// <summary>The claim with a user's roles, a text with spaces between them or a list; a dotted path such as <c>realm_access.roles</c> for one in an object.</summary>
    public string RolesClaim { get; set; } = "roles";

    /// <summary>What means the role admin there.</summary>
    public List<string> AdminRoles { get; set; } = [];

    /// <summary>What means the role operator there.</summary>
    public List<string> OperatorRoles { get; set; } = [];

    /// <summary>What means the role user there. Who has none of these values may do nothing.</summary>
    public List<string> UserRoles { get; set; } = [];

    /// <summary>How far the issuer's clock may be off.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Skew { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether its keys may lie on another host than its own that is in a private network. Its own address may be anywhere.</summary>
    public bool AllowPrivateKeyHosts { get; set; }
}
