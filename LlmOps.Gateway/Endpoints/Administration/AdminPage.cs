using System.Globalization;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>Which part of a list is asked for: what comes after a name, so that nothing is missed or shown twice while others are added.</summary>
/// <param name="After">The name; empty for the beginning.</param>
/// <param name="Limit">The most.</param>
/// <param name="Tenant">Only what is of this tenant; null for all.</param>
internal sealed record AdminPage(string After, int Limit, string? Tenant)
{
    private const int DefaultLimit = 100;
    private const int MostLimit = 1_000;

    /// <summary>Reads it from the query.</summary>
    /// <exception cref="GatewayException">400: a parameter is not known, or out of range.</exception>
    public static AdminPage Of(HttpContext http, params string[] filters)
    {
        string[] known = ["after", "limit", .. filters];
        var query = http.Request.Query;
        if (query.Keys.FirstOrDefault(key => !known.Contains(key)) is { } unknown)
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"{Shown.Short(unknown)} is not known here; expected {string.Join(", ", known)}.", Shown.Short(unknown));
        }

        var limit = DefaultLimit;
        if (query.TryGetValue("limit", out var given) && !(int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out limit) && limit is >= 1 and <= MostLimit))
        {
            throw new GatewayException(ErrorCode.InvalidValue, $"limit is '{Shown.Short(given.ToString())}'; expected a whole number from 1 to {MostLimit}.", "limit");
        }

        return new AdminPage(query["after"].ToString(), limit, query.TryGetValue("tenant", out var tenant) ? tenant.ToString() : null);
    }

    /// <summary>The part of a list, which is in the order of names.</summary>
    /// <param name="items">All after <see cref="After"/> that pass the filter.</param>
    /// <param name="nameOf">Their names.</param>
    public AdminList<T> Take<T>(IEnumerable<T> items, Func<T, string> nameOf)
    {
        var some = items.Take(Limit + 1).ToList();
        return some.Count > Limit ? new AdminList<T>(some[..Limit], nameOf(some[Limit - 1])) : new AdminList<T>(some, null);
    }
}

/// <summary>A part of a list.</summary>
/// <param name="Data">The items.</param>
/// <param name="Next">What to give as <c>after</c> for the next part; null at the end.</param>
internal sealed record AdminList<T>(IReadOnlyList<T> Data, string? Next);
