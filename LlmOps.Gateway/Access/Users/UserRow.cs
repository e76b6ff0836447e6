namespace LlmOps.Gateway.Access.Users;

/// <summary>A row of the table users. Times are milliseconds since 1970, by UTC.</summary>
internal sealed record UserRow
{
    /// <summary>The columns, under the names of the properties.</summary>
    public const string Columns =
        "name AS Name, tenant AS Tenant, team AS Team, roles AS Roles, password_hash AS PasswordHash, limits AS Limits, budget AS Budget, disabled_at AS DisabledAt, created_at AS CreatedAt";

    public required string Name { get; init; }

    public required string Tenant { get; init; }

    public string? Team { get; init; }

    /// <summary>Words with commas between.</summary>
    public required string Roles { get; init; }

    /// <summary>Null for a user that cannot log in.</summary>
    public string? PasswordHash { get; init; }

    /// <summary>JSON; null for none.</summary>
    public string? Limits { get; init; }

    /// <summary>JSON; null for none.</summary>
    public string? Budget { get; init; }

    public long? DisabledAt { get; init; }

    public long CreatedAt { get; init; }

    /// <summary>Without the hash of the password.</summary>
    public override string ToString() => $"{nameof(UserRow)} {Name}";
}
