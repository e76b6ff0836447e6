using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace LlmOps.Gateway.Providers;

/// <summary>How long a provider's headers ask to be left alone.</summary>
internal static partial class RetryHints
{
    /// <summary>
    /// Retry-After in both its forms, OpenAI's retry-after-ms, or else the reset of whichever rate limit has nothing left:
    /// x-ratelimit-* of OpenAI and Groq with durations, anthropic-ratelimit-* with RFC 3339 times.
    /// </summary>
    public static TimeSpan? RetryAfter(HttpResponseHeaders headers, TimeProvider time)
    {
        if (Text(headers, "retry-after-ms") is { } text
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds is >= 0 and < 1e9)
        {
            return TimeSpan.FromMilliseconds(milliseconds);
        }

        return headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
            _ => Reset(headers, time),
        };
    }

    /// <summary>A Go duration such as 1s, 6m0s, 20ms or 2m59.56s, as OpenAI and Groq send; null for anything else.</summary>
    public static TimeSpan? Duration(string text)
    {
        var match = DurationForm().Match(text);
        if (!match.Success || text.Length == 0)
        {
            return null;
        }

        var seconds = Part("h") * 3600 + Part("m") * 60 + Part("s") + Part("ms") / 1000;
        return seconds < 1e8 ? TimeSpan.FromSeconds(seconds) : null;

        double Part(string unit) => match.Groups[unit] is { Success: true } group ? double.Parse(group.Value, CultureInfo.InvariantCulture) : 0;
    }

    private static TimeSpan? Reset(HttpResponseHeaders headers, TimeProvider time)
    {
        TimeSpan? longest = null;
        foreach (var (name, values) in headers)
        {
            if (RemainingForm().Match(name) is not { Success: true } match || values.First() != "0")
            {
                continue;
            }

            var reset = Text(headers, match.Groups["vendor"].Value + (match.Groups["suffix"].Success ? $"{match.Groups["subject"].Value}-reset" : $"reset-{match.Groups["subject"].Value}")) ?? "";
            var wait = Duration(reset)
                ?? (DateTimeOffset.TryParse(reset, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at > time.GetUtcNow() ? at - time.GetUtcNow() : null);
            longest = wait > longest || longest is null ? wait ?? longest : longest;
        }

        return longest;
    }

    private static string? Text(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.First() : null;

    [GeneratedRegex(@"^((?<h>\d+)h)?((?<m>\d+)m(?!s))?((?<s>\d+(\.\d+)?)s)?((?<ms>\d+(\.\d+)?)ms)?$")]
    private static partial Regex DurationForm();

    // x-ratelimit-remaining-tokens and anthropic-ratelimit-tokens-remaining: the subject stands on either side.
    [GeneratedRegex("^(?<vendor>x-ratelimit-|anthropic-ratelimit-)(remaining-(?<subject>[a-z-]+)|(?<subject>[a-z-]+)(?<suffix>-remaining))$", RegexOptions.IgnoreCase)]
    private static partial Regex RemainingForm();
}
