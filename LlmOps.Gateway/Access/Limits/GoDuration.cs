using System.Globalization;

namespace LlmOps.Gateway.Access.Limits;

/// <summary>Durations as Go writes them, and OpenAI in its headers: 12ms, 1.5s, 6m0s, 1h0m0s.</summary>
internal static class GoDuration
{
    /// <summary>The duration, rounded up to a millisecond.</summary>
    public static string Of(TimeSpan duration)
    {
        var milliseconds = (long)Math.Ceiling(duration.TotalMilliseconds);
        var (minutes, rest) = Math.DivRem(milliseconds, 60_000);
        var (hours, minute) = Math.DivRem(minutes, 60);
        var seconds = rest / 1000m;
        return milliseconds switch
        {
            0 => "0s",
            < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{milliseconds}ms"),
            < 60_000 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.###}s"),
            < 3_600_000 => string.Create(CultureInfo.InvariantCulture, $"{minutes}m{seconds:0.###}s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{hours}h{minute}m{seconds:0.###}s"),
        };
    }
}
