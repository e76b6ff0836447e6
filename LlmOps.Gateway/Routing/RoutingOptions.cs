using System.ComponentModel.DataAnnotations;

namespace LlmOps.Gateway.Routing;

/// <summary>How providers are called: the limits of one attempt.</summary>
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
}
