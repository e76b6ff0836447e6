using System.ComponentModel.DataAnnotations;
using LlmOps.Gateway.Caching.Semantic;

namespace LlmOps.Gateway.Caching;

/// <summary>Which answers are kept, where and for how long.</summary>
internal sealed class CachingOptions
{
    /// <summary>Whether answers are looked up and kept at all.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>How long an answer is given again; a model's own and a request's X-LlmOps-Cache-TTL win.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "365.00:00:00")]
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The same, at most, for the answer of a target that stands in for its model's first one; 0: it is not kept.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan FallbackTimeToLive { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Memory for answers, in bytes; those that were asked for once make way first. Read at start only.</summary>
    [Range(typeof(long), "0", "1099511627776")]
    public long MaxMemoryBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Largest answer that is kept, in bytes of its JSON.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxEntryBytes { get; set; } = 1024 * 1024;

    /// <summary>Answers of at least so many bytes are compressed in Redis.</summary>
    [Range(0, int.MaxValue)]
    public int CompressFromBytes { get; set; } = 4096;

    /// <summary>Whether identical requests that are on their way at the same time share one call to the provider.</summary>
    public bool Coalesce { get; set; } = true;

    /// <summary>How long requests wait for the answer of an identical one on another replica, before they make a call of their own; 0: they do not wait. Needs Redis.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan ReplicaWait { get; set; }

    /// <summary>Whether a question is given the answer of another one that asks the same in other words.</summary>
    public SemanticOptions Semantic { get; set; } = new();
}

/// <summary>Whether a model's answers are cached.</summary>
internal enum ModelCaching
{
    /// <summary>As the endpoint does: outside /v1 always, under /v1 where the request's temperature is 0.</summary>
    Default,

    /// <summary>Always, unless the request says otherwise.</summary>
    On,

    /// <summary>Never, whatever the request says.</summary>
    Off,
}
