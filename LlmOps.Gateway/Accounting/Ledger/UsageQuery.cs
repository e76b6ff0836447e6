using System.Data.Common;
using System.Globalization;
using Dapper;

namespace LlmOps.Gateway.Accounting.Ledger;

/// <summary>Which sums are asked for.</summary>
/// <param name="From">The first day, by UTC.</param>
/// <param name="To">The last day.</param>
/// <param name="GroupBy">What the rows are of.</param>
/// <param name="Filters">What is counted alone, by its name.</param>
/// <param name="Limit">Most rows.</param>
/// <param name="Offset">Rows to pass over.</param>
internal sealed record UsageQuery(DateOnly From, DateOnly To, IReadOnlyList<UsageGroup> GroupBy, IReadOnlyList<(UsageGroup Group, string Value)> Filters, int Limit, int Offset)
{
    // SUM of BIGINT is no BIGINT in PostgreSQL.
    private static readonly string Sums = string.Join(", ", UsageDay.Sums.Select(sum => $"CAST(COALESCE(SUM({sum}), 0) AS BIGINT) AS {Plain(sum)}"));

    /// <summary>Reads the sums.</summary>
    /// <returns>The rows, one more than asked for where there are more, and the sum of all that there are.</returns>
    public async Task<(IReadOnlyList<UsageSums> Rows, UsageSums Total)> RunAsync(DbConnection connection)
    {
        var parameters = new DynamicParameters();
        parameters.Add("from", From.ToString(JournalLine.DayFormat, CultureInfo.InvariantCulture));
        parameters.Add("to", To.ToString(JournalLine.DayFormat, CultureInfo.InvariantCulture));
        var where = "day >= @from AND day <= @to";
        foreach (var (group, value) in Filters)
        {
            // Names of parameters and columns are from the list of groups, never the caller's.
            where += $" AND {group.Column} = @f_{group.Column}";
            parameters.Add($"f_{group.Column}", value);
        }

        var total = await connection.QuerySingleAsync<UsageSums>($"SELECT {Sums} FROM usage_daily WHERE {where}", parameters);
        var columns = string.Join(", ", GroupBy.Select(group => group.Column));
        parameters.Add("limit", Limit + 1);
        parameters.Add("offset", Offset);
        var rows = await connection.QueryAsync<UsageSums>(
            $"SELECT {string.Join(", ", GroupBy.Select(group => $"{group.Column} AS {Plain(group.Column)}"))}, {Sums} FROM usage_daily WHERE {where} GROUP BY {columns} ORDER BY {columns} LIMIT @limit OFFSET @offset", parameters);
        return (rows.AsList(), total);
    }

    // As the properties are called.
    private static string Plain(string column) => column.Replace("_", "", StringComparison.Ordinal);
}

/// <summary>What usage is grouped by, and filtered by.</summary>
/// <param name="Name">What callers call it.</param>
/// <param name="Column">Its column.</param>
/// <param name="Value">Its value in a row.</param>
internal sealed record UsageGroup(string Name, string Column, Func<UsageSums, string?> Value)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<UsageGroup> All { get; } =
    [
        new("day", "day", row => row.Day),
        new("tenant", "tenant", row => row.Tenant),
        new("team", "team", row => row.Team),
        new("user", "user_name", row => row.UserName),
        new("key", "key_id", row => row.KeyId),
        new("model", "model", row => row.Model),
        new("prompt", "prompt", row => row.Prompt),
        new("prompt_version", "prompt_version", row => row.PromptVersion),
        new("variant", "variant", row => row.Variant),
    ];
}

/// <summary>A row as the database gives it; what it is not grouped by is null.</summary>
internal sealed record UsageSums
{
    public string? Day { get; init; }

    public string? Tenant { get; init; }

    public string? Team { get; init; }

    public string? UserName { get; init; }

    public string? KeyId { get; init; }

    public string? Model { get; init; }

    public string? Prompt { get; init; }

    public string? PromptVersion { get; init; }

    public string? Variant { get; init; }

    public long Requests { get; init; }

    public long Errors { get; init; }

    public long CacheHits { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    public long CostNano { get; init; }

    public long SavedNano { get; init; }

    public long Estimated { get; init; }

    public long Unpriced { get; init; }
}
