using System.Data.Common;
using Dapper;

namespace LlmOps.Gateway.Access.Users;

/// <summary>The table users.</summary>
internal static class UserTable
{
    /// <summary>Adds a user, unless there is one of the name.</summary>
    /// <returns>Whether it was added.</returns>
    public static async Task<bool> AddAsync(DbConnection connection, UserRow row) => await connection.ExecuteAsync(
        """
        INSERT INTO users (name, tenant, team, roles, password_hash, limits, budget, disabled_at, created_at)
        VALUES (@Name, @Tenant, @Team, @Roles, @PasswordHash, @Limits, @Budget, @DisabledAt, @CreatedAt)
        ON CONFLICT (name) DO NOTHING
        """,
        row) == 1;

    /// <summary>The user of a name; null for none.</summary>
    public static Task<UserRow?> FindAsync(DbConnection connection, string name) =>
        connection.QuerySingleOrDefaultAsync<UserRow?>($"SELECT {UserRow.Columns} FROM users WHERE name = @name", new { name });

    /// <summary>Keeps a user as it is until the transaction ends: a change waits for that, and then finds what it has added.</summary>
    /// <returns>Whether the user is there, is not disabled, and has this password still.</returns>
    public static async Task<bool> KeepAsync(DbConnection connection, string name, string? passwordHash) => await connection.ExecuteAsync(
        "UPDATE users SET password_hash = password_hash WHERE name = @name AND password_hash = @passwordHash AND disabled_at IS NULL", new { name, passwordHash }) == 1;

    /// <summary>Replaces what is kept of a user, but for its tenant.</summary>
    public static Task UpdateAsync(DbConnection connection, UserRow row) => connection.ExecuteAsync(
        "UPDATE users SET team = @Team, roles = @Roles, password_hash = @PasswordHash, limits = @Limits, budget = @Budget, disabled_at = @DisabledAt WHERE name = @Name", row);

    /// <summary>Removes a user.</summary>
    public static Task RemoveAsync(DbConnection connection, string name) => connection.ExecuteAsync("DELETE FROM users WHERE name = @name", new { name });
}
