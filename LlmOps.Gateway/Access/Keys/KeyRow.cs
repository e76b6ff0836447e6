namespace LlmOps.Gateway.Access.Keys;

/// <summary>A row of the table keys. Times are milliseconds since 1970, by UTC.</summary>
internal sealed record KeyRow
{
    /// <summary>The columns, under the names of the properties.</summary>
    public const string Columns =
        "id AS Id, name AS Name, hash AS Hash, previous_hash AS PreviousHash, previous_until AS PreviousUntil, tenant AS Tenant, team AS Team, user_name AS UserName, roles AS Roles, " +
        "models AS Models, prompts AS Prompts, tools AS Tools, limits AS Limits, budget AS Budget, parameters AS Parameters, guardrails AS Guardrails, metadata AS Metadata, expires_at AS ExpiresAt, revoked_at AS RevokedAt, created_at AS CreatedAt";

    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>In hexadecimal digits.</summary>
    public required string Hash { get; init; }

    /// <summary>The hash of the key before the last rotation; null for none.</summary>
    public string? PreviousHash { get; init; }

    /// <summary>How long that one holds.</summary>
    public long? PreviousUntil { get; init; }

    public required string Tenant { get; init; }

    public string? Team { get; init; }

    public string? UserName { get; init; }

    /// <summary>Words with commas between.</summary>
    public required string Roles { get; init; }

    /// <summary>A JSON list; null for all.</summary>
    public string? Models { get; init; }

    /// <summary>A JSON list; null for all.</summary>
    public string? Prompts { get; init; }

    /// <summary>A JSON list; null where it says nothing of tools.</summary>
    public string? Tools { get; init; }

    /// <summary>JSON; null for none.</summary>
    public string? Limits { get; init; }

    /// <summary>JSON; null for none.</summary>
    public string? Budget { get; init; }

    /// <summary>JSON; null for none.</summary>
    public string? Parameters { get; init; }

    /// <summary>JSON; null for none.</summary>
    public string? Guardrails { get; init; }

    /// <summary>A JSON object; null for none.</summary>
    public string? Metadata { get; init; }

    public long? ExpiresAt { get; init; }

    public long? RevokedAt { get; init; }

    public long CreatedAt { get; init; }
}
