using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Storage;

namespace LlmOps.Gateway.Endpoints;

/// <summary>GET /admin/usage: what was asked and what it cost, by day, tenant, key, model, …</summary>
internal static class UsageEndpoint
{
    private const string NextOffsetHeader = "X-LlmOps-Next-Offset";
    private const string PendingHeader = "X-LlmOps-Pending";

    public static void MapUsage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/admin/usage", GetAsync).WithTags("Administration").WithSummary("What was asked and what it cost").Produces<UsageReply>();

    // The parameters that are not used here are for the OpenAPI document: they are read from the request itself, as one that is given twice, or is not known, is a mistake.
    private static async Task<IResult> GetAsync(
        HttpContext http, IDatabase database, UsageLedger ledger, TimeProvider time,
        string? group_by, string? from, string? to, string? tenant, string? team, string? user, string? key, string? model, string? prompt, string? prompt_version, string? variant,
        string? format, string? limit, string? offset)
    {
        var parameters = UsageParameters.Of(http.Request, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime));
        var query = parameters.Query;

        // Before the rows are read: what is recorded meanwhile may be told twice, but is missing nowhere.
        var pending = ledger.Journal.Depth;
        var (rows, total) = await database.ReadAsync(query.RunAsync, http.RequestAborted);
        var next = rows.Count > query.Limit ? query.Offset + query.Limit : (int?)null;
        var shown = rows.Take(query.Limit).ToList();
        if (!parameters.IsCsv)
        {
            return TypedResults.Ok(new UsageReply(
                query.From, query.To, [.. query.GroupBy.Select(group => group.Name)], [.. shown.Select(UsageRow.Of)], UsageRow.Of(total), pending, next));
        }

        http.Response.Headers[PendingHeader] = pending.ToString(CultureInfo.InvariantCulture);
        if (next is { } more)
        {
            http.Response.Headers[NextOffsetHeader] = more.ToString(CultureInfo.InvariantCulture);
        }

        return TypedResults.Text(UsageCsv.Write(query.GroupBy, shown), "text/csv", Encoding.UTF8);
    }
}

/// <summary>What /admin/usage answers.</summary>
/// <param name="From">The first day, by UTC.</param>
/// <param name="To">The last day.</param>
/// <param name="GroupBy">What the rows are of.</param>
/// <param name="Rows">The rows, in the order of what they are of.</param>
/// <param name="Total">The sum of all of them, of those on other pages too.</param>
/// <param name="Pending">Requests to this replica that are over and not counted yet: they are in its journal.</param>
/// <param name="NextOffset">Where the next page begins; null for the last one.</param>
internal sealed record UsageReply(DateOnly From, DateOnly To, IReadOnlyList<string> GroupBy, IReadOnlyList<UsageRow> Rows, UsageRow Total, long Pending, int? NextOffset);

/// <summary>Sums. What the rows are not of is left out; empty for none.</summary>
internal sealed record UsageRow
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Day { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Tenant { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Team { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? User { get; init; }

    /// <summary>The key's id.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Key { get; init; }

    /// <summary>The model as callers name it; those that nobody has are counted under none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Model { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Prompt { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PromptVersion { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Variant { get; init; }

    public long Requests { get; init; }

    /// <summary>Requests that were not answered, for whatever reason.</summary>
    public long Errors { get; init; }

    /// <summary>Requests whose answer cost nothing, as it was given before, or to an identical request at the same time.</summary>
    public long CacheHits { get; init; }

    public long InputTokens { get; init; }

    public long OutputTokens { get; init; }

    /// <summary>Dollars, of the requests whose cost is known.</summary>
    public decimal CostUsd { get; init; }

    /// <summary>What the reused answers had cost when they were given first.</summary>
    public decimal SavedUsd { get; init; }

    /// <summary>Requests of which a part of the tokens or the cost is estimated.</summary>
    public long Estimated { get; init; }

    /// <summary>Requests whose cost is not known.</summary>
    public long Unpriced { get; init; }

    /// <summary>A row of the database as it is told.</summary>
    public static UsageRow Of(UsageSums sums) => new()
    {
        Day = sums.Day,
        Tenant = sums.Tenant,
        Team = sums.Team,
        User = sums.UserName,
        Key = sums.KeyId,
        Model = sums.Model,
        Prompt = sums.Prompt,
        PromptVersion = sums.PromptVersion,
        Variant = sums.Variant,
        Requests = sums.Requests,
        Errors = sums.Errors,
        CacheHits = sums.CacheHits,
        InputTokens = sums.InputTokens,
        OutputTokens = sums.OutputTokens,
        CostUsd = new NanoUsd(sums.CostNano).Dollars,
        SavedUsd = new NanoUsd(sums.SavedNano).Dollars,
        Estimated = sums.Estimated,
        Unpriced = sums.Unpriced,
    };
}
