using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace LlmOps.Gateway.Access.Limits;

/// <summary>How often and how much somebody may ask; null for no limit. All are at least 1.</summary>
internal sealed record RequestLimits
{
    /// <summary>The most that each can be: what scripts of Redis count, in doubles, stays exact with it.</summary>
    public const long Most = 1_000_000_000_000;

    private const string Least = "1";
    private const string MostText = "1000000000000";

    /// <summary>Requests a minute.</summary>
    [Range(typeof(long), Least, MostText), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RequestsPerMinute { get; init; }

    /// <summary>Requests an hour.</summary>
    [Range(typeof(long), Least, MostText), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RequestsPerHour { get; init; }

    /// <summary>Requests a day.</summary>
    [Range(typeof(long), Least, MostText), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RequestsPerDay { get; init; }

    /// <summary>Input and output tokens a minute.</summary>
    [Range(typeof(long), Least, MostText), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? TokensPerMinute { get; init; }

    /// <summary>Input and output tokens an hour.</summary>
    [Range(typeof(long), Least, MostText), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? TokensPerHour { get; init; }

    /// <summary>Input and output tokens a day.</summary>
    [Range(typeof(long), Least, MostText), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? TokensPerDay { get; init; }

    /// <summary>Requests on their way at the same time.</summary>
    [Range(typeof(long), Least, MostText), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Concurrency { get; init; }
}
