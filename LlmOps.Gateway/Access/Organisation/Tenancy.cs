using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Access.Organisation;

/// <summary>Changes tenants and teams.</summary>
internal sealed class Tenancy(AccessDirectory directory, AuditLog audit, TimeProvider time)
{
    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Gives a tenant its limits and budget, in place of those it had; it is made where it is missing.</summary>
    public async Task SetTenantAsync(Principal actor, TenantRow row)
    {
        await directory.ChangeAsync(async connection =>
        {
            await OrganisationTables.SetTenantAsync(connection, row, Now);
            return true;
        });
        audit.Changed(actor, "changed", HolderKind.Tenant, row.Name);
    }

    /// <summary>Removes a tenant that nobody belongs to.</summary>
    /// <exception cref="GatewayException">404: there is none; 409: somebody belongs to it.</exception>
    public async Task RemoveTenantAsync(Principal actor, string name)
    {
        await directory.ChangeAsync(async connection =>
        {
            ThrowIfUsed($"tenant '{name}'", await OrganisationTables.FindMemberOfTenantAsync(connection, name));
            return await OrganisationTables.RemoveTenantAsync(connection, name) ? true : throw new GatewayException(ErrorCode.NotFound, $"There is no tenant '{name}'.");
        });
        audit.Changed(actor, "removed", HolderKind.Tenant, name);
    }

    /// <summary>Gives a team its limits and budget, in place of those it had; it is made where it is missing.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="name">The team.</param>
    /// <param name="tenant">Its tenant; null for the one it has, of a new team <see cref="Tenant.Default"/>.</param>
    /// <param name="limits">JSON; null for none.</param>
    /// <param name="budget">JSON; null for none.</param>
    /// <exception cref="GatewayException">400: it is of another tenant.</exception>
    public async Task SetTeamAsync(Principal actor, string name, string? tenant, string? limits, string? budget)
    {
        await directory.ChangeAsync(async connection =>
        {
            var known = await OrganisationTables.FindTeamAsync(connection, name);
            if (known is not null && tenant is not null && known.Tenant != tenant)
            {
                throw new GatewayException(ErrorCode.InvalidValue, $"tenant is '{tenant}', but the team is of tenant '{known.Tenant}', which cannot be changed.", "tenant");
            }

            var row = new TeamRow { Name = name, Tenant = known?.Tenant ?? tenant ?? Tenant.Default, Limits = limits, Budget = budget };
            await OrganisationTables.AddTenantAsync(connection, row.Tenant, Now);
            await OrganisationTables.SetTeamAsync(connection, row, Now);
            return true;
        });
        audit.Changed(actor, "changed", HolderKind.Team, name);
    }

    /// <summary>Removes a team that nobody belongs to.</summary>
    /// <exception cref="GatewayException">404: there is none; 409: somebody belongs to it.</exception>
    public async Task RemoveTeamAsync(Principal actor, string name)
    {
        await directory.ChangeAsync(async connection =>
        {
            ThrowIfUsed($"team '{name}'", await OrganisationTables.FindMemberOfTeamAsync(connection, name));
            return await OrganisationTables.RemoveTeamAsync(connection, name) ? true : throw new GatewayException(ErrorCode.NotFound, $"There is no team '{name}'.");
        });
        audit.Changed(actor, "removed", HolderKind.Team, name);
    }

    private static void ThrowIfUsed(string what, string? member)
    {
        if (member is not null)
        {
            throw new GatewayException(ErrorCode.InUse, $"{member} is of {what}; remove or revoke all that is of it first.");
        }
    }
}
