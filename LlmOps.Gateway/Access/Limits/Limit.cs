using System.Globalization;

namespace LlmOps.Gateway.Access.Limits;

/// <summary>
/// What somebody may take: a token bucket, of which all can be taken at once and comes back evenly over the window; or places,
/// each of which comes back when it is given back.
/// </summary>
/// <param name="Owner">Whose it is: a kind and a name, such as <c>tenant:acme</c>.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Capacity">How much of it; at least 1.</param>
/// <param name="Window">How long it takes until all of it is back; zero for places.</param>
internal readonly record struct Limit(string Owner, LimitUnit Unit, long Capacity, TimeSpan Window)
{
    /// <summary>The least that counts: numbers with fractions are not exact.</summary>
    public const double Tolerance = 1e-6;

    // What is overdrawn by a provider's absurd count is so for 3,000 years.
    private const double LongestBack = 1e14;

    /// <summary>In words, such as <c>100 requests per day</c>.</summary>
    public string Text
    {
        get
        {
            var capacity = Capacity.ToString(CultureInfo.InvariantCulture);
            return (Unit, Capacity) switch
            {
                (LimitUnit.Places, 1) => "1 request at a time",
                (LimitUnit.Places, _) => $"{capacity} requests at a time",
                (LimitUnit.Requests, 1) => $"1 request per {WindowText}",
                (LimitUnit.Requests, _) => $"{capacity} requests per {WindowText}",
                (_, 1) => $"1 token per {WindowText}",
                _ => $"{capacity} tokens per {WindowText}",
            };
        }
    }

    /// <summary>The owner in words, such as <c>tenant 'acme'</c>.</summary>
    public string OwnerText => Owner.IndexOf(':', StringComparison.Ordinal) is > 0 and var end ? $"{Owner[..end]} '{Owner[(end + 1)..]}'" : Owner;

    private string WindowText => Window switch
    {
        { TotalSeconds: 1 } => "second",
        { TotalMinutes: 1 } => "minute",
        { TotalHours: 1 } => "hour",
        { TotalDays: 1 } => "day",
        _ => GoDuration.Of(Window),
    };

    /// <summary>What is left of what was taken, so long after.</summary>
    /// <param name="used">How much was taken and not back.</param>
    /// <param name="elapsed">The time since, in seconds; a clock may go back.</param>
    public double UsedAfter(double used, double elapsed) =>
        Unit == LimitUnit.Places ? used : Math.Max(0, used - Math.Max(0, elapsed) / Window.TotalSeconds * Capacity);

    /// <summary>How long it takes until so much has come back, to the next millisecond.</summary>
    public TimeSpan Back(double amount) =>
        TimeSpan.FromMilliseconds(Math.Min(LongestBack, Math.Ceiling(Math.Max(0, amount) / Capacity * Window.TotalMilliseconds - Tolerance)));
}

/// <summary>What a limit counts.</summary>
internal enum LimitUnit
{
    /// <summary>Requests, or other attempts.</summary>
    Requests,

    /// <summary>Input and output tokens.</summary>
    Tokens,

    /// <summary>Requests on their way at the same time.</summary>
    Places,
}
