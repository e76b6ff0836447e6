using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Routing;

/// <summary>How providers are called: the limits of one attempt, and how many there may be.</summary>
internal sealed class RoutingOptions
{
    /// <summary>Longest wait for the response headers of a stream, connecting included. An answer that is not streamed has its headers only when the model is done, so there TotalTimeout holds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan HeaderTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest wait from a stream's headers to its first content (text, reasoning or tool call); keep-alives do not count.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FirstChunkTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest silence between two chunks of a stream after its first content, or between two pieces of a body.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan InterChunkTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest whole attempt, from connecting to the last byte.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Longest whole request, over all its attempts and the waits between them; a request's own X-LlmOps-Timeout wins.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Most calls to providers for one request, over all targets together.</summary>
    [Range(1, 100)]
    public int MaxAttempts { get; set; } = 6;

    /// <summary>Most calls to one target for one request, the first one included; another key of its provider is tried beside that.</summary>
    [Range(1, 100)]
    public int TriesPerTarget { get; set; } = 3;

    /// <summary>The wait before the first retry at a target is random between nothing and this, before each further one between nothing and twice as much as before.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan Backoff { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest wait before a retry. Where a provider asks for more, its failure is told at once, with its Retry-After.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a provider's key is not used after it was not accepted (401: for all models), or may not have a model or has no quota left (402, 403, insufficient_quota: for that model). Another key, or target, is used meanwhile.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan KeyCooldown { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>When a target that fails is left alone.</summary>
    public BreakerOptions Breaker { get; set; } = new();
}

/// <summary>When a target that fails is left alone, and for how long.</summary>
internal sealed class BreakerOptions
{
    /// <summary>The calls of the last so long count.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Window { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Calls in the window below which it never opens; so many failures in a row open it whatever was before, if they are that share of the calls that began since.</summary>
    [Range(1, 1_000_000)]
    public int MinimumCalls { get; set; } = 10;

    /// <summary>Share of them that failed from which it opens, above 0 to 1.</summary>
    [Range(0.01, 1.0)]
    public float FailureRatio { get; set; } = 0.5f;

    /// <summary>A call that takes longer to its first content (not streamed: to its whole answer) is slow.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "1.00:00:00")]
    public TimeSpan SlowCallDuration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Share of slow calls from which it opens, above 0 to 1.</summary>
    [Range(0.01, 1.0)]
    public float SlowCallRatio { get; set; } = 0.8f;

    /// <summary>How long it stays open until a single call may show whether the target is back; and how long a key rests whose provider limits the rate without saying for how long, where another key or target can serve.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan Cooldown { get; set; } = TimeSpan.FromSeconds(5);
}
