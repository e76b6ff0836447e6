using System.Data.Common;
using LlmOps.Gateway.Access.Users;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access.Organisation;

/// <summary>Whose a key or a user is, as far as it can be so: teams and users are of one tenant.</summary>
/// <param name="Tenant">The tenant.</param>
/// <param name="Owner">The user of a key; null for none.</param>
internal sealed record Membership(string Tenant, UserRow? Owner)
{
    /// <summary>Looks whether it can be so. A tenant that is not there is made.</summary>
    /// <param name="connection">In the transaction of the change.</param>
    /// <param name="tenant">The tenant; null for that of the user or the team, else <see cref="Organisation.Tenant.Default"/>.</param>
    /// <param name="team">The team; null for none.</param>
    /// <param name="user">The user; null for none.</param>
    /// <param name="now">In milliseconds since 1970.</param>
    /// <exception cref="GatewayException">400: the team or the user does not exist, or is of another tenant.</exception>
    public static async Task<Membership> CheckAsync(DbConnection connection, string? tenant, string? team, string? user, long now)
    {
        var owner = user is null ? null : await UserTable.FindAsync(connection, user) ?? throw Unknown("user", user, "POST /admin/users makes one");
        var group = team is null ? null : await OrganisationTables.FindTeamAsync(connection, team) ?? throw Unknown("team", team, $"PUT /admin/teams/{team} makes it");
        var found = tenant ?? owner?.Tenant ?? group?.Tenant ?? Organisation.Tenant.Default;
        if (owner is not null && owner.Tenant != found)
        {
            throw Foreign("user", owner.Name, owner.Tenant, found);
        }

        if (group is not null && group.Tenant != found)
        {
            throw Foreign("team", group.Name, group.Tenant, found);
        }

        await OrganisationTables.AddTenantAsync(connection, found, now);
        return new Membership(found, owner);
    }

    private static GatewayException Unknown(string field, string name, string advice) =>
        new(ErrorCode.InvalidValue, $"{field} is '{name}', which does not exist; {advice}.", field);

    private static GatewayException Foreign(string field, string name, string tenant, string expected) =>
        new(ErrorCode.InvalidValue, $"{field} is '{name}', which is of tenant '{tenant}'; expected one of tenant '{expected}'.", field);
}
