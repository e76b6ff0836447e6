using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Access.Users;

/// <summary>How failed logins are slowed. Nobody is locked out: one more attempt is free again after a part of the time.</summary>
internal sealed class LoginOptions
{
    /// <summary>How many logins to an account may fail within FailureWindow from one address (of IPv6, a /64); ten times as many may from all together.</summary>
    [Range(1, 1_000_000)]
    public int FailuresPerAccount { get; set; } = 10;

    /// <summary>How many logins from an address may fail within FailureWindow, to whatever account; of IPv6 from a /64.</summary>
    [Range(1, 1_000_000)]
    public int FailuresPerAddress { get; set; } = 50;

    /// <summary>How long it takes until all of these are free again, evenly.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan FailureWindow { get; set; } = TimeSpan.FromMinutes(10);
}
