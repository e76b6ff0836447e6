using System.Data.Common;
using Dapper;

namespace LlmOps.Gateway.Access.Organisation;

/// <summary>The tables tenants and teams.</summary>
internal static class OrganisationTables
{
    /// <summary>Adds a tenant without limits, unless there is one of the name: tenants come into being when somebody is said to be of one.</summary>
    public static Task AddTenantAsync(DbConnection connection, string name, long now) =>
        connection.ExecuteAsync("INSERT INTO tenants (name, updated_at) VALUES (@name, @now) ON CONFLICT (name) DO NOTHING", new { name, now });

    /// <summary>Gives a tenant its limits and budget.</summary>
    public static Task SetTenantAsync(DbConnection connection, TenantRow row, long now) => connection.ExecuteAsync(
        """
        INSERT INTO tenants (name, limits, budget, updated_at) VALUES (@Name, @Limits, @Budget, @now)
        ON CONFLICT (name) DO UPDATE SET limits = excluded.limits, budget = excluded.budget, updated_at = excluded.updated_at
        """,
        new { row.Name, row.Limits, row.Budget, now });

    /// <summary>Gives a team its limits and budget.</summary>
    public static Task SetTeamAsync(DbConnection connection, TeamRow row, long now) => connection.ExecuteAsync(
        """
        INSERT INTO teams (name, tenant, limits, budget, updated_at) VALUES (@Name, @Tenant, @Limits, @Budget, @now)
        ON CONFLICT (name) DO UPDATE SET limits = excluded.limits, budget = excluded.budget, updated_at = excluded.updated_at
        """,
        new { row.Name, row.Tenant, row.Limits, row.Budget, now });

    /// <summary>The team of a name; null for none.</summary>
    public static Task<TeamRow?> FindTeamAsync(DbConnection connection, string name) =>
        connection.QuerySingleOrDefaultAsync<TeamRow?>($"SELECT {TeamRow.Columns} FROM teams WHERE name = @name", new { name });

    /// <summary>Who belongs to a tenant; null for nobody. Revoked keys do not count.</summary>
    public static Task<string?> FindMemberOfTenantAsync(DbConnection connection, string tenant) => connection.QueryFirstOrDefaultAsync<string?>(
        """
        SELECT 'team ' || name FROM teams WHERE tenant = @tenant
        UNION ALL SELECT 'user ' || name FROM users WHERE tenant = @tenant
        UNION ALL SELECT 'key ' || id FROM keys WHERE tenant = @tenant AND revoked_at IS NULL
        LIMIT 1
        """,
        new { tenant });

    /// <summary>Who belongs to a team; null for nobody. Revoked keys do not count.</summary>
    public static Task<string?> FindMemberOfTeamAsync(DbConnection connection, string team) => connection.QueryFirstOrDefaultAsync<string?>(
        """
        SELECT 'user ' || name FROM users WHERE team = @team
        UNION ALL SELECT 'key ' || id FROM keys WHERE team = @team AND revoked_at IS NULL
        LIMIT 1
        """,
        new { team });

    /// <summary>Removes a tenant.</summary>
    /// <returns>Whether there was one.</returns>
    public static async Task<bool> RemoveTenantAsync(DbConnection connection, string name) =>
        await connection.ExecuteAsync("DELETE FROM tenants WHERE name = @name", new { name }) == 1;

    /// <summary>Removes a team.</summary>
    /// <returns>Whether there was one.</returns>
    public static async Task<bool> RemoveTeamAsync(DbConnection connection, string name) =>
        await connection.ExecuteAsync("DELETE FROM teams WHERE name = @name", new { name }) == 1;
}
