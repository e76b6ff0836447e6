using System.Globalization;
using LlmOps.Gateway.Errors;

namespace LlmOps.Gateway.Caching;

/// <summary>What a request's own headers say of the cache.</summary>
/// <param name="NoRead">It wants a new answer.</param>
/// <param name="NoWrite">Its answer is not to be kept.</param>
/// <param name="Wanted">It asks for the cache where that is not the default.</param>
/// <param name="ExactOnly">It wants no answer to another question, however near.</param>
/// <param name="TimeToLive">How long its answer may be given again; null for the default.</param>
internal readonly record struct CacheControls(bool NoRead, bool NoWrite, bool Wanted, bool ExactOnly, TimeSpan? TimeToLive)
{
    private const string ModeHeader = "X-LlmOps-Cache";
    private const string TimeToLiveHeader = "X-LlmOps-Cache-TTL";
    private const int LongestSeconds = 365 * 86_400;

    /// <summary>Reads them.</summary>
    /// <exception cref="GatewayException">One of them is not valid.</exception>
    public static CacheControls Of(IHeaderDictionary headers)
    {
        var controls = default(CacheControls);
        if (headers.CacheControl.Count > 0)
        {
            var text = headers.CacheControl.ToString();
            var noStore = text.Contains("no-store", StringComparison.OrdinalIgnoreCase);
            controls = controls with { NoRead = noStore || text.Contains("no-cache", StringComparison.OrdinalIgnoreCase), NoWrite = noStore };
        }

        if (headers.TryGetValue(ModeHeader, out var mode))
        {
            var text = mode.ToString();
            controls = Is(text, "semantic") ? controls with { Wanted = true }
                : Is(text, "exact") ? controls with { Wanted = true, ExactOnly = true }
                : Is(text, "off") ? controls with { NoRead = true, NoWrite = true }
                : throw new GatewayException(ErrorCode.InvalidValue, $"{ModeHeader} is '{Shown.Short(text)}'; expected off, exact or semantic.", ModeHeader);
        }

        if (headers.TryGetValue(TimeToLiveHeader, out var time))
        {
            controls = int.TryParse(time.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= LongestSeconds
                ? controls with { TimeToLive = TimeSpan.FromSeconds(seconds) }
                : throw new GatewayException(ErrorCode.InvalidValue, $"{TimeToLiveHeader} is '{Shown.Short(time.ToString())}'; expected whole seconds from 1 to {LongestSeconds}.", TimeToLiveHeader);
        }

        return controls;
    }

    private static bool Is(string text, string mode) => text.Equals(mode, StringComparison.OrdinalIgnoreCase);
}
