using System.Text.Json.Serialization;

namespace LlmOps.Gateway.Telemetry.Records;

/// <summary>A request's answer was scored: by its user, a judge or an evaluation.</summary>
internal sealed record ScoreGiven : TelemetryEvent
{
    private const int SizeOfHead = 500;

    /// <summary>The source of a score that POST /feedback took.</summary>
    public const string Feedback = "feedback";

    /// <summary>The source of a score that the online judge gave.</summary>
    public const string Judge = "judge";

    /// <inheritdoc/>
    public override Guid EventId => Id;

    /// <summary>What it is known by. A later score of the same request and name replaces this one.</summary>
    public required Guid Id { get; init; }

    /// <summary>The request's internal id, which is that of its trace.</summary>
    public required Guid RequestId { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>What is scored.</summary>
    public required string Name { get; init; }

    /// <summary>A finite number.</summary>
    public required double Value { get; init; }

    /// <summary>In words; null for nothing.</summary>
    public string? Comment { get; init; }

    /// <summary>Who scored: feedback, judge, evaluation.</summary>
    public required string Source { get; init; }

    public string? Prompt { get; init; }

    public string? PromptVersion { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override int Size => SizeOfHead + (Comment?.Length ?? 0);
}
