using LlmOps.Gateway.Access.Parameters;
using LlmOps.Gateway.Guardrails;

namespace LlmOps.Gateway.Access;

/// <summary>Who asks. It comes from the authenticated credential alone, never from what a request says of itself.</summary>
/// <param name="Tenant">Whose caches, limits and records the request belongs to.</param>
/// <param name="Subject">The one within the tenant: a key's id, a user's name.</param>
/// <param name="Roles">What it may do.</param>
internal sealed record Principal(string Tenant, string Subject, Roles Roles)
{
    /// <summary>Everyone, in open mode.</summary>
    public static readonly Principal Local = new("default", "local", Roles.User) { IsAnonymous = true };

    /// <summary>Whoever holds the administrator's configured key.</summary>
    public static readonly Principal Administrator = new("default", "administrator", Roles.User | Roles.Operator | Roles.Admin);

    /// <summary>Whether it has shown no credential.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>Its team; null for none.</summary>
    public string? Team { get; init; }

    /// <summary>The user, itself or the owner of the key; null for none.</summary>
    public string? User { get; init; }

    /// <summary>The id of its key; null where it has shown another credential.</summary>
    public string? Key { get; init; }

    /// <summary>The models that it may ask, as callers name them, with * at the end for all that begin so; null for all.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>The prompts that it may use; null for all.</summary>
    public IReadOnlyList<string>? Prompts { get; init; }

    /// <summary>The gateway's tools that models may be offered for it; null where its key says nothing of them.</summary>
    public IReadOnlyList<string>? Tools { get; init; }

    /// <summary>The ranges that its parameters must lie in; null for none of its own.</summary>
    public ParameterPolicy? Parameters { get; init; }

    /// <summary>What guardrails do about its requests, where its key says so; null where it does not.</summary>
    public GuardrailModes? Guardrails { get; init; }

    /// <summary>Whose limits and budgets hold for it, those that have any: its tenant, team, user and key.</summary>
    public IReadOnlyList<Holder> Holders { get; init; } = [];

    /// <summary>The session that its access token is of; null where it has shown another credential.</summary>
    public string? Session { get; init; }

    /// <summary>When its credential ends; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether it may ask a model.</summary>
    public bool MayAsk(string model) => Models is null || Allows(Models, model);

    /// <summary>Whether it may use a prompt.</summary>
    public bool MayUse(string prompt) => Prompts is null || Allows(Prompts, prompt);

    /// <summary>Whether a name is among others, of which those with * at the end stand for all that begin so.</summary>
    public static bool Allows(IReadOnlyList<string> names, string name)
    {
        foreach (var allowed in names)
        {
            if (allowed.EndsWith('*') ? name.AsSpan().StartsWith(allowed.AsSpan(0, allowed.Length - 1), StringComparison.OrdinalIgnoreCase) : name.Equals(allowed, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}

/// <summary>What a principal may do.</summary>
[Flags]
internal enum Roles
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Ask models.</summary>
    User = 1,

    /// <summary>Read what administration shows.</summary>
    Operator = 2,

    /// <summary>Administer the gateway.</summary>
    Admin = 4,
}
