namespace LlmOps.Gateway.Access.Organisation;

/// <summary>A tenant.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Holder">Its limits and budget.</param>
internal sealed record Tenant(string Name, Holder Holder)
{
    /// <summary>The tenant of whoever is given no other.</summary>
    public const string Default = "default";
}

/// <summary>A team.</summary>
/// <param name="Name">Its name, which is only its.</param>
/// <param name="Tenant">Its tenant.</param>
/// <param name="Holder">Its limits and budget.</param>
internal sealed record Team(string Name, string Tenant, Holder Holder);
