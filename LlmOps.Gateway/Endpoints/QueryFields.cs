using System.Globalization;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Endpoints;

/// <summary>The parameters of a query, checked: one that is not known, empty, or given twice is a mistake, not passed over.</summary>
internal sealed class QueryFields
{
    private const int LongestValue = 256;
    private static readonly string[] Times = ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private readonly IQueryCollection _query;

    /// <summary>Takes them.</summary>
    /// <exception cref="GatewayException">400: one is not known, empty, too long, or given twice.</exception>
    public QueryFields(IQueryCollection query, string[] known)
    {
        _query = query;
        foreach (var (name, values) in query)
        {
            if (!known.Contains(name))
            {
                throw Fault(name, $"is not a parameter; expected one of {string.Join(", ", known)}");
            }

            // No text of the database has a zero in it.
            if (values is not [{ Length: > 0 and <= LongestValue } value] || value.Contains('\0', StringComparison.Ordinal))
            {
                throw Fault(name, $"is empty, too long, or given twice; expected it once, with 1 to {LongestValue} characters, or not at all");
            }
        }
    }

    /// <summary>What is told of a parameter at fault.</summary>
    public static GatewayException Fault(string name, string what) => new(ErrorCode.InvalidValue, $"{Shown.Short(name)} {what}.", Shown.Short(name));

    /// <summary>A text; null where it is absent.</summary>
    public string? Text(string name) => _query.TryGetValue(name, out var text) ? text.ToString() : null;

    /// <summary>A whole number.</summary>
    /// <exception cref="GatewayException">400: it is none, or out of range.</exception>
    public int Number(string name, int unset, int least, int most) => Text(name) is not { } text ? unset
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw Fault(name, $"is '{Shown.Short(text)}'; expected a whole number from {least} to {most}");

    /// <summary>A number that is not negative; null where it is absent.</summary>
    /// <exception cref="GatewayException">400: it is none, or out of range.</exception>
    public decimal? Amount(string name, decimal most) => Text(name) is not { } text ? null
        : decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && number <= most ? number
        : throw Fault(name, $"is '{Shown.Short(text)}'; expected a number from 0 to {most}");

    /// <summary>A time, by UTC where it does not say; null where it is absent.</summary>
    /// <exception cref="GatewayException">400: it is none.</exception>
    public DateTimeOffset? Time(string name) => Text(name) is not { } text ? null
        : DateTimeOffset.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw Fault(name, $"is '{Shown.Short(text)}'; expected a time such as 2026-01-31T12:00:00Z, or a day");
}
