using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Telemetry.Delivery;

/// <summary>How telemetry is sent; the same for each sink, which has a queue and a spool of its own.</summary>
internal sealed class DeliveryOptions
{
    /// <summary>Most events that wait in memory for a sink; further ones are dropped, and counted.</summary>
    [Range(1, 1_000_000)]
    public int MaxEvents { get; set; } = 2_000;

    /// <summary>Most bytes of them, about.</summary>
    [Range(100_000, 10_000_000_000)]
    public long MaxBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Most events that are sent together.</summary>
    [Range(1, 10_000)]
    public int BatchEvents { get; set; } = 200;

    /// <summary>Most bytes that are sent together, about.</summary>
    [Range(10_000, 100_000_000)]
    public long BatchBytes { get; set; } = 2_000_000;

    /// <summary>Longest time that an event waits for others to be sent with.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time of one attempt to send.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Wait after a failure; it doubles with each further one, up to MaxBackoff.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan Backoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between attempts.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes on the disk for one sink while it cannot be reached; 0 for none. What does not fit is dropped, and counted.</summary>
    [Range(0, long.MaxValue)]
    public long SpoolBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>Share of one core that a sink may take while the machine has time for it, above 0 to 1.</summary>
    [Range(0.001, 1.0)]
    public float Duty { get; set; } = 0.1f;

    /// <summary>The same while requests wait for a thread, or the gateway takes more than two fifths of all cores: telemetry waits then, and what does not fit into its queue is dropped, and counted.</summary>
    [Range(0.001, 1.0)]
    public float BusyDuty { get; set; } = 0.01f;

    /// <summary>Longest time that the end of the process waits for what is to be sent; the rest goes to the disk.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
