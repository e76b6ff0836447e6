using System.Data.Common;
using Dapper;

namespace LlmOps.Gateway.Access.Keys;

/// <summary>The table keys.</summary>
internal static class KeyTable
{
    /// <summary>Adds a key, unless there is one of its hash.</summary>
    public static Task AddAsync(DbConnection connection, KeyRow row) => connection.ExecuteAsync(
        """
        INSERT INTO keys (id, name, hash, previous_hash, previous_until, tenant, team, user_name, roles, models, prompts, tools, limits, budget, parameters, guardrails, metadata, expires_at, revoked_at, created_at)
        VALUES (@Id, @Name, @Hash, @PreviousHash, @PreviousUntil, @Tenant, @Team, @UserName, @Roles, @Models, @Prompts, @Tools, @Limits, @Budget, @Parameters, @Guardrails, @Metadata, @ExpiresAt, @RevokedAt, @CreatedAt)
        ON CONFLICT (hash) DO NOTHING
        """,
        row);

    /// <summary>The key of an id; null for none.</summary>
    public static Task<KeyRow?> FindAsync(DbConnection connection, string id) =>
        connection.QuerySingleOrDefaultAsync<KeyRow?>($"SELECT {KeyRow.Columns} FROM keys WHERE id = @id", new { id });

    /// <summary>Replaces what is kept of a key, but for its tenant.</summary>
    public static Task UpdateAsync(DbConnection connection, KeyRow row) => connection.ExecuteAsync(
        """
        UPDATE keys SET name = @Name, hash = @Hash, previous_hash = @PreviousHash, previous_until = @PreviousUntil, team = @Team, user_name = @UserName, roles = @Roles, models = @Models,
          prompts = @Prompts, tools = @Tools, limits = @Limits, budget = @Budget, parameters = @Parameters, guardrails = @Guardrails, metadata = @Metadata, expires_at = @ExpiresAt, revoked_at = @RevokedAt
        WHERE id = @Id
        """,
        row);

    /// <summary>Revokes what keys a user has.</summary>
    public static Task RevokeOfUserAsync(DbConnection connection, string user, long now) =>
        connection.ExecuteAsync("UPDATE keys SET revoked_at = @now WHERE user_name = @user AND revoked_at IS NULL", new { user, now });
}
