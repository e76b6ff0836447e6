namespace LlmOps.Gateway.Access;

/// <summary>A line for each change of who may ask, for each call of a tool and each word on one: who did what; never a secret, nor what was said.</summary>
internal sealed partial class AuditLog(ILogger<AuditLog> logger)
{
    /// <summary>Notes a change that is done.</summary>
    /// <param name="actor">Who did it.</param>
    /// <param name="action">What: created, changed, rotated, revoked, removed.</param>
    /// <param name="kind">Of what kind it was done to: tenant, team, user, key.</param>
    /// <param name="name">The name, of a key its id.</param>
    public void Changed(Principal actor, string action, HolderKind kind, string name) =>
        LogChanged(actor.Subject, actor.Tenant, action, kind.ToString().ToLowerInvariant(), name);

    /// <summary>Notes a call of one of the gateway's tools that is over.</summary>
    /// <param name="caller">For whom.</param>
    /// <param name="tool">The tool's name, as models see it.</param>
    /// <param name="outcome">ok, or why there was no result.</param>
    /// <param name="milliseconds">How long it took.</param>
    public void Called(Principal caller, string tool, string outcome, double milliseconds) => LogCalled(caller.Subject, caller.Tenant, tool, outcome, milliseconds);

    [LoggerMessage(LogLevel.Information, "For {Caller} of tenant {CallerTenant} tool {Tool} was called: {ToolOutcome} after {Milliseconds} ms.")]
    private partial void LogCalled(string caller, string callerTenant, string tool, string toolOutcome, double milliseconds);

    /// <summary>Notes what a caller has decided of a call that waited for it, once for each.</summary>
    /// <param name="caller">Who decided.</param>
    /// <param name="isApproved">Whether the call may be made.</param>
    /// <param name="call">The id that the call was sent under.</param>
    /// <param name="tool">The tool's name, as models see it.</param>
    public void Decided(Principal caller, bool isApproved, string call, string tool) => LogDecided(caller.Subject, caller.Tenant, isApproved ? "approved" : "refused", call, tool);

    [LoggerMessage(LogLevel.Information, "{Caller} of tenant {CallerTenant} {Decision} call {Call} of tool {Tool}.")]
    private partial void LogDecided(string caller, string callerTenant, string decision, string call, string tool);

    [LoggerMessage(LogLevel.Information, "{Actor} of tenant {ActorTenant} {Action} {Kind} {Name}.")]
    private partial void LogChanged(string actor, string actorTenant, string action, string kind, string name);
}
