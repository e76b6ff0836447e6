using System.Text.Json.Serialization;

namespace LlmOps.Gateway.Telemetry.Records;

/// <summary>Something that happened, for those outside who want to know. Immutable: all sinks share it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(RequestTrace), "request")]
[JsonDerivedType(typeof(ScoreGiven), "score")]
internal abstract record TelemetryEvent
{
    /// <summary>What it is known by, wherever it is sent and however often: a UUID of version 7.</summary>
    [JsonPropertyOrder(-1)]
    public abstract Guid EventId { get; }

    /// <summary>About how many bytes it takes in memory and, as JSON, on the disk.</summary>
    [JsonIgnore]
    public abstract int Size { get; }
}
