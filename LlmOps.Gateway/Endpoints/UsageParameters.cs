using System.Globalization;
using LlmOps.Gateway.Accounting.Ledger;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Endpoints;

/// <summary>What the query of /admin/usage asks for, checked.</summary>
/// <param name="Query">The rows.</param>
/// <param name="IsCsv">Whether they are wanted as CSV.</param>
internal sealed record UsageParameters(UsageQuery Query, bool IsCsv)
{
    private const int DefaultLimit = 1000;
    private const int MostRows = 10_000;
    private static readonly string[] Known = ["group_by", "from", "to", "format", "limit", "offset", .. UsageGroup.All.Select(group => group.Name).Where(group => group != "day")];

    /// <summary>Reads it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="today">The day, by UTC.</param>
    /// <exception cref="GatewayException">A parameter is not known, given twice, or not what it should be.</exception>
    public static UsageParameters Of(HttpRequest request, DateOnly today)
    {
        var fields = new QueryFields(request.Query, Known);
        var to = Day(fields, "to");
        var from = Day(fields, "from") ?? new DateOnly((to ?? today).Year, (to ?? today).Month, 1);
        to ??= from > today ? from : today;
        if (from > to)
        {
            throw QueryFields.Fault("from", $"is {from:yyyy-MM-dd}, after to, {to:yyyy-MM-dd}");
        }

        var query = new UsageQuery(
            from, to.Value, Groups(fields.Text("group_by") ?? "day"),
            [.. UsageGroup.All.Where(group => fields.Text(group.Name) is not null).Select(group => (group, fields.Text(group.Name)!))],
            fields.Number("limit", DefaultLimit, 1, MostRows), fields.Number("offset", 0, 0, int.MaxValue - MostRows));
        return new UsageParameters(query, IsCsvWanted(request, fields));
    }

    private static UsageGroup? GroupOf(string name) => UsageGroup.All.FirstOrDefault(group => group.Name == name);

    private static List<UsageGroup> Groups(string text)
    {
        List<UsageGroup> groups = [];
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var group = GroupOf(name) ?? throw QueryFields.Fault("group_by", $"has '{Shown.Short(name)}'; expected one or several of {string.Join(", ", UsageGroup.All.Select(group => group.Name))}, with commas between");
            if (groups.Contains(group))
            {
                throw QueryFields.Fault("group_by", $"has {name} twice; expected it once");
            }

            groups.Add(group);
        }

        return groups;
    }

    private static DateOnly? Day(QueryFields fields, string name) => fields.Text(name) is not { } text ? null
        : DateOnly.TryParseExact(text, JournalLine.DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw QueryFields.Fault(name, $"is '{Shown.Short(text)}'; expected a day such as 2026-01-31");

    private static bool IsCsvWanted(HttpRequest request, QueryFields fields) => fields.Text("format") switch
    {
        null => request.GetTypedHeaders().Accept.FirstOrDefault()?.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase) == true,
        "csv" => true,
        "json" => false,
        var other => throw QueryFields.Fault("format", $"is '{Shown.Short(other)}'; expected json or csv"),
    };
}
