using System.Data.Common;
using Dapper;
using LlmOps.Gateway.Access.Tokens;
using LlmOps.Gateway.Access.Users;
using LlmOps.Gateway.Access.Keys;
using LlmOps.Gateway.Access.Organisation;

namespace LlmOps.Gateway.Access.Known;

/// <summary>The tables of access as they are in the database, and in the copy on disk.</summary>
internal sealed record AccessRows
{
    /// <summary>Differs after every change.</summary>
    public required string Version { get; init; }

    /// <summary>Encoded in base64; with it keys are hashed.</summary>
    public required string KeyHashSecret { get; init; }

    /// <summary>Encoded in base64; with it tokens are signed.</summary>
    public required string TokenSecret { get; init; }

    public required IReadOnlyList<TenantRow> Tenants { get; init; }

    public required IReadOnlyList<TeamRow> Teams { get; init; }

    public required IReadOnlyList<UserRow> Users { get; init; }

    public required IReadOnlyList<KeyRow> Keys { get; init; }

    /// <summary>Sessions that were ended so lately that access tokens of theirs may not have ended by themselves.</summary>
    public IReadOnlyList<string> EndedSessions { get; init; } = [];

    /// <summary>Without the secrets.</summary>
    public override string ToString() => $"{nameof(AccessRows)} {Version}";

    /// <summary>Reads them; null where they are still of a version. The settings must be there.</summary>
    public static async Task<AccessRows?> ReadAsync(DbConnection connection, string? known, DateTimeOffset now)
    {
        // The version comes first: what changes while the rest is read makes another one, and so another reading.
        var settings = (await connection.QueryAsync<(string Name, string Value)>("SELECT name, value FROM settings")).ToDictionary(setting => setting.Name, setting => setting.Value);
        return settings[AccessSettings.Version] == known ? null : new AccessRows
        {
            Version = settings[AccessSettings.Version],
            KeyHashSecret = settings[AccessSettings.KeyHashSecret],
            TokenSecret = settings[AccessSettings.TokenSecret],
            Tenants = (await connection.QueryAsync<TenantRow>($"SELECT {TenantRow.Columns} FROM tenants")).AsList(),
            Teams = (await connection.QueryAsync<TeamRow>($"SELECT {TeamRow.Columns} FROM teams")).AsList(),
            Users = (await connection.QueryAsync<UserRow>($"SELECT {UserRow.Columns} FROM users")).AsList(),
            Keys = (await connection.QueryAsync<KeyRow>($"SELECT {KeyRow.Columns} FROM keys")).AsList(),
            EndedSessions = await SessionTable.EndedSinceAsync(connection, now - AccessTokens.Lifetime),
        };
    }
}
