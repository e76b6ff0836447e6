using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Access.Idempotency;

/// <summary>How long, and how much of, answers are kept for requests that are sent again with the same idempotency key.</summary>
internal sealed class IdempotencyOptions
{
    /// <summary>How long an answer is given again to requests of its caller with the same Idempotency-Key and body.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Largest answer that is kept, in bytes of its body. Of a larger one the request is made anew when it comes again, which GET /stats counts.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxEntryBytes { get; set; } = 1024 * 1024;

    /// <summary>Memory for such answers, in bytes; those that nobody asked for the longest make way first, which GET /stats counts. With Redis they are there as well.</summary>
    [Range(typeof(long), "0", "1099511627776")]
    public long MaxMemoryBytes { get; set; } = 64 * 1024 * 1024;
}
