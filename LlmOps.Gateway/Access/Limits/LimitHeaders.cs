using System.Globalization;
using System.Runtime.CompilerServices;

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
        ref readonly var nearest = ref Unsafe.NullRef<LimitShare>();
        nearest = ref Nearest(takings.Entered, unit, in nearest);
        nearest = ref Nearest(takings.Reserved, unit, in nearest);
        if (!Unsafe.IsNullRef(in nearest))
        {
            Write(headers, nearest.Limit, nearest.Used);
        }
    }

    private static ref readonly LimitShare Nearest(LimitTaking? taking, LimitUnit unit, ref readonly LimitShare nearest)
    {
        foreach (ref readonly var share in taking is null ? [] : taking.Shares)
        {
            if (share.Limit.Unit == unit && (Unsafe.IsNullRef(in nearest) || share.Limit.Capacity - share.Used < nearest.Limit.Capacity - nearest.Used))
            {
                nearest = ref share;
            }
        }

        return ref nearest;
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
