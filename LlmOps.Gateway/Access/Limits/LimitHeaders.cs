using System.Globalization;

namespace LlmOps.Gateway.Access.Limits;

/// <summary>OpenAI's headers that tell of limits: of those of requests, and of those of tokens, the one of which the least is left.</summary>
internal static class LimitHeaders
{
    /// <summary>Sets them for what a request took.</summary>
    public static void Write(IHeaderDictionary headers, RequestTakings takings)
    {
        Write(headers, LimitUnit.Requests, takings);
        Write(headers, LimitUnit.Tokens, takings);
    }

    /// <summary>Sets them for the limit that refused a request; of places there are none.</summary>
    public static void Write(IHeaderDictionary headers, LimitRefusal refusal)
    {
        if (refusal.Limit.Unit != LimitUnit.Places)
        {
            Write(headers, refusal.Limit, refusal.Used);
        }
    }

    private static void Write(IHeaderDictionary headers, LimitUnit unit, RequestTakings takings)
    {
        LimitShare? nearest = null;
        Look(takings.Entered, unit, ref nearest);
        Look(takings.Reserved, unit, ref nearest);
        if (nearest is { } share)
        {
            Write(headers, share.Limit, share.Used);
        }
    }

    private static void Look(LimitTaking? taking, LimitUnit unit, ref LimitShare? nearest)
    {
        foreach (ref var share in taking is null ? [] : taking.Shares)
        {
            if (share.Limit.Unit == unit && (nearest is not { } other || share.Limit.Capacity - share.Used < other.Limit.Capacity - other.Used))
            {
                nearest = share;
            }
        }
    }

    private static void Write(IHeaderDictionary headers, in Limit limit, double used)
    {
        var (most, remaining, reset) = limit.Unit == LimitUnit.Requests
            ? ("x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests")
            : ("x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens");
        headers[most] = limit.Capacity.ToString(CultureInfo.InvariantCulture);
        headers[remaining] = Math.Max(0, (long)(limit.Capacity - used + Limit.Tolerance)).ToString(CultureInfo.InvariantCulture);
        headers[reset] = GoDuration.Of(limit.Back(used));
    }
}
