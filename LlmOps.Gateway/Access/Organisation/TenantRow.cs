namespace LlmOps.Gateway.Access.Organisation;

/// <summary>A row of the table tenants.</summary>
internal sealed record TenantRow
{
    /// <summary>The columns, under the names of the properties.</summary>
    public const string Columns = "name AS Name, limits AS Limits, budget AS Budget";

    public required string Name { get; init; }

    /// <summary>JSON; null for none.</summary>
    public string? Limits { get; init; }

    /// <summary>JSON; null for none.</summary>
    public string? Budget { get; init; }
}
