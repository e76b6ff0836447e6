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
    private const int LongestValue = 256;
    private static readonly string[] Others = ["group_by", "from", "to", "format", "limit", "offset"];

    /// <summary>Reads it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="today">The day, by UTC.</param>
    /// <exception cref="GatewayException">A parameter is not known, given twice, or not what it should be.</exception>
    public static UsageParameters Of(HttpRequest request, DateOnly today)
    {
        foreach (var (name, values) in request.Query)
        {
            if (!Others.Contains(name) && GroupOf(name) is null or { Name: "day" })
            {
                throw Fault(name, $"is not a parameter; expected one of {string.Join(", ", Others.Concat(UsageGroup.All.Select(group => group.Name).Where(group => group != "day")))}");
            }

            if (values is not [{ Length: > 0 and <= LongestValue }])
            {
                throw Fault(name, $"is empty, too long, or given twice; expected it once, with 1 to {LongestValue} characters, or not at all");
            }
        }

        var to = Day(request, "to");
        var from = Day(request, "from") ?? new DateOnly((to ?? today).Year, (to ?? today).Month, 1);
        to ??= from > today ? from : today;
        if (from > to)
        {
            throw Fault("from", $"is {from:yyyy-MM-dd}, after to, {to:yyyy-MM-dd}");
        }

        var query = new UsageQuery(
            from, to.Value, Groups(request.Query["group_by"].ToString()),
            [.. UsageGroup.All.Where(group => request.Query.ContainsKey(group.Name)).Select(group => (group, request.Query[group.Name].ToString()))],
            Number(request, "limit", DefaultLimit, 1, MostRows), Number(request, "offset", 0, 0, int.MaxValue - MostRows));
        return new UsageParameters(query, IsCsvWanted(request));
    }

    private static UsageGroup? GroupOf(string name) => UsageGroup.All.FirstOrDefault(group => group.Name == name);

    private static List<UsageGroup> Groups(string text)
    {
        List<UsageGroup> groups = [];
        foreach (var name in (text.Length == 0 ? "day" : text).Split(',', StringSplitOptions.TrimEntries))
        {
            var group = GroupOf(name) ?? throw Fault("group_by", $"has '{Shown.Short(name)}'; expected one or several of {string.Join(", ", UsageGroup.All.Select(group => group.Name))}, with commas between");
            if (groups.Contains(group))
            {
                throw Fault("group_by", $"has {name} twice; expected it once");
            }

            groups.Add(group);
        }

        return groups;
    }

    private static DateOnly? Day(HttpRequest request, string name)
    {
        if (!request.Query.TryGetValue(name, out var text))
        {
            return null;
        }

        return DateOnly.TryParseExact(text.ToString(), JournalLine.DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : throw Fault(name, $"is '{Shown.Short(text.ToString())}'; expected a day such as 2026-01-31");
    }

    private static int Number(HttpRequest request, string name, int unset, int least, int most)
    {
        if (!request.Query.TryGetValue(name, out var text))
        {
            return unset;
        }

        return int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Fault(name, $"is '{Shown.Short(text.ToString())}'; expected a whole number from {least} to {most}");
    }

    private static bool IsCsvWanted(HttpRequest request) => request.Query.TryGetValue("format", out var format)
        ? format.ToString() switch
        {
            "csv" => true,
            "json" => false,
            var other => throw Fault("format", $"is '{Shown.Short(other)}'; expected json or csv"),
        }
        : request.GetTypedHeaders().Accept.FirstOrDefault()?.MediaType.Equals("text/csv", StringComparison.OrdinalIgnoreCase) == true;

    private static GatewayException Fault(string name, string what) => new(ErrorCode.InvalidValue, $"{Shown.Short(name)} {what}.", Shown.Short(name));
}
