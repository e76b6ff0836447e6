namespace LlmOps.Gateway.Access;

/// <summary>Who asks. It comes from the authenticated credential alone, never from what a request says of itself.</summary>
/// <param name="Tenant">Whose caches, limits and records the request belongs to.</param>
/// <param name="Subject">The one within the tenant: a key, a user.</param>
/// <param name="Roles">What it may do.</param>
internal sealed record Principal(string Tenant, string Subject, Roles Roles)
{
    /// <summary>Everyone, in open mode.</summary>
    public static readonly Principal Local = new("default", "local", Roles.User);

    /// <summary>Whoever holds the administrator's key.</summary>
    public static readonly Principal Administrator = new("default", "administrator", Roles.User | Roles.Admin);
}

/// <summary>What a principal may do.</summary>
[Flags]
internal enum Roles
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Ask models.</summary>
    User = 1,

    /// <summary>Administer the gateway.</summary>
    Admin = 2,
}
