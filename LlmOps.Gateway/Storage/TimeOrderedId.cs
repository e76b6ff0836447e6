using System.Globalization;

namespace LlmOps.Gateway.Storage;

/// <summary>Ids that begin with the time of their making: UUIDs of version 7.</summary>
internal static class TimeOrderedId
{
    /// <summary>The least one of a millisecond, as tables have it: RFC 9562, 5.7.</summary>
    public static string LeastAt(DateTimeOffset time)
    {
        var digits = Math.Max(0, time.ToUnixTimeMilliseconds()).ToString("x12", CultureInfo.InvariantCulture);
        return $"{digits[..8]}-{digits[8..]}-7000-8000-000000000000";
    }
}
