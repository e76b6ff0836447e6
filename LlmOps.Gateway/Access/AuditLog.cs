namespace LlmOps.Gateway.Access;

/// <summary>A line for each change of who may ask: who did what to whom; never a secret.</summary>
internal sealed partial class AuditLog(ILogger<AuditLog> logger)
{
    /// <summary>Notes a change that is done.</summary>
    /// <param name="actor">Who did it.</param>
    /// <param name="action">What: created, changed, rotated, revoked, removed.</param>
    /// <param name="kind">Of what kind it was done to: tenant, team, user, key.</param>
    /// <param name="name">The name, of a key its id.</param>
    public void Changed(Principal actor, string action, HolderKind kind, string name) =>
        LogChanged(actor.Subject, actor.Tenant, action, kind.ToString().ToLowerInvariant(), name);

    [LoggerMessage(LogLevel.Information, "{Actor} of tenant {ActorTenant} {Action} {Kind} {Name}.")]
    private partial void LogChanged(string actor, string actorTenant, string action, string kind, string name);
}
