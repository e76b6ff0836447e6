using LlmOps.Gateway.Providers;

namespace LlmOps.Tests.Providers;

/// <summary>How long providers' headers ask to be left alone.</summary>
public sealed class RetryHintsTests
{
    // The manual clock begins at the first second of 1970, a Thursday.
    private readonly ManualTime _time = new();

    [Theory]
    [InlineData("1s", 1000)]
    [InlineData("7.66s", 7660)]
    [InlineData("20ms", 20)]
    [InlineData("0.5ms", 0.5)]
    [InlineData("6m0s", 360_000)]
    [InlineData("2m59.56s", 179_560)]
    [InlineData("1m20ms", 60_020)]
    [InlineData("1h0m0s", 3_600_000)]
    [InlineData("24h", 86_400_000)]
    [InlineData("0s", 0)]
    public void GoDuration_IsRead(string text, double milliseconds) => RetryHints.Duration(text)!.Value.TotalMilliseconds.ShouldBe(milliseconds, 0.001);

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("1")]
    [InlineData("-1s")]
    [InlineData("1s1m")]
    [InlineData("1d")]
    [InlineData("soon")]
    [InlineData("99999999999999999999999h")]
    public void AnythingElse_IsNoDuration(string text) => RetryHints.Duration(text).ShouldBeNull();

    [Theory]
    [InlineData("Retry-After: 7", 7.0)]
    [InlineData("Retry-After: 0", 0.0)]
    [InlineData("Retry-After: Thu, 01 Jan 1970 00:01:00 GMT", 60.0)]
    [InlineData("Retry-After: Wed, 31 Dec 1969 00:01:00 GMT", null)]
    [InlineData("Retry-After: soon", null)]
    [InlineData("Retry-After: -3", null)]
    [InlineData("retry-after-ms: 1500|Retry-After: 7", 1.5)]
    [InlineData("retry-after-ms: NaN|Retry-After: 7", 7.0)]
    [InlineData("retry-after-ms: -5|Retry-After: 7", 7.0)]
    [InlineData("retry-after-ms: 1e300|Retry-After: 7", 7.0)]
    [InlineData("Retry-After: 7|x-ratelimit-remaining-requests: 0|x-ratelimit-reset-requests: 30s", 7.0)]
    [InlineData("Retry-After: soon|x-ratelimit-remaining-requests: 0|x-ratelimit-reset-requests: 30s", 30.0)]
    [InlineData("x-ratelimit-remaining-tokens: 0|x-ratelimit-reset-tokens: 6m0s", 360.0)]
    [InlineData("X-RateLimit-Remaining-Tokens: 0|X-RateLimit-Reset-Tokens: 6m0s", 360.0)]
    [InlineData("x-ratelimit-remaining-tokens: 5|x-ratelimit-reset-tokens: 6m0s", null)]
    [InlineData("x-ratelimit-remaining-tokens: 0", null)]
    [InlineData("x-ratelimit-remaining-tokens: 0|x-ratelimit-reset-tokens: later", null)]
    [InlineData("x-ratelimit-remaining-requests: 0|x-ratelimit-reset-requests: 1s|x-ratelimit-remaining-tokens: 0|x-ratelimit-reset-tokens: 2s", 2.0)]
    [InlineData("x-ratelimit-remaining-requests: 0|x-ratelimit-reset-requests: 3s|x-ratelimit-remaining-tokens: 0|x-ratelimit-reset-tokens: 2s", 3.0)]
    [InlineData("x-ratelimit-remaining-requests: 0|x-ratelimit-reset-requests: 3s|x-ratelimit-remaining-tokens: 0", 3.0)]
    [InlineData("anthropic-ratelimit-requests-remaining: 0|anthropic-ratelimit-requests-reset: 1970-01-01T00:00:42Z", 42.0)]
    [InlineData("anthropic-ratelimit-input-tokens-remaining: 0|anthropic-ratelimit-input-tokens-reset: 1970-01-01T00:00:42Z", 42.0)]
    [InlineData("anthropic-ratelimit-requests-remaining: 0|anthropic-ratelimit-requests-reset: 1969-01-01T00:00:42Z", null)]
    [InlineData("", null)]
    public void Headers_SayHowLong(string headers, double? seconds)
    {
        using var response = new HttpResponseMessage();
        foreach (var header in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = header.IndexOf(':', StringComparison.Ordinal);
            response.Headers.TryAddWithoutValidation(header[..colon], header[(colon + 1)..].Trim()).ShouldBeTrue();
        }

        RetryHints.RetryAfter(response.Headers, _time)?.TotalSeconds.ShouldBe(seconds ?? -1, 0.001);
        (RetryHints.RetryAfter(response.Headers, _time) is null).ShouldBe(seconds is null);
    }
}
