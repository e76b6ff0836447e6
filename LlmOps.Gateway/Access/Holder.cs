using LlmOps.Gateway.Access.Limits;
using LlmOps.Gateway.Accounting.Budgets;

namespace LlmOps.Gateway.Access;

/// <summary>Somebody whose limits and budget hold for a request.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">Its name, of a key its id; an address.</param>
/// <param name="Limits">How often, and how much at a time; null for no limits.</param>
/// <param name="Budget">How much money; null for no budget.</param>
internal sealed record Holder(HolderKind Kind, string Name, RequestLimits? Limits, Budget? Budget = null)
{
    /// <summary>For keys of counters: the kind and the name, such as <c>tenant:acme</c>.</summary>
    public string Id { get; } = $"{Kind.ToString().ToLowerInvariant()}:{Name}";
}

/// <summary>Who may have limits and budgets.</summary>
internal enum HolderKind
{
    /// <summary>A tenant.</summary>
    Tenant,

    /// <summary>A team of a tenant.</summary>
    Team,

    /// <summary>A user.</summary>
    User,

    /// <summary>A virtual key.</summary>
    Key,

    /// <summary>A model, whoever asks it; limits only.</summary>
    Model,

    /// <summary>An address from which the anonymous ask; limits only.</summary>
    Address,
}
