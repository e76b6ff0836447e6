using System.Text.Json;
using LlmOps.Gateway.Endpoints;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Prompts.Records;

namespace LlmOps.Gateway.Prompts.Experiments;

/// <summary>An experiment as it is now: its definition, and what has become of it.</summary>
internal sealed record Experiment
{
    /// <summary>What it compares.</summary>
    public required ExperimentDefinition Definition { get; init; }

    /// <summary>Where it is.</summary>
    public required ExperimentState State { get; init; }

    /// <summary>The part of the units that takes part, 0 to 1.</summary>
    public required double Share { get; init; }

    /// <summary>How much worse than the first, on which measures, a variant may be before it is paused.</summary>
    public required IReadOnlyDictionary<Measure, double> Guard { get; init; }

    /// <summary>The variants that nobody sees any more.</summary>
    public required IReadOnlyList<string> PausedVariants { get; init; }

    /// <summary>The variant that has won; null where it is not decided.</summary>
    public string? Winner { get; init; }

    /// <summary>file or api.</summary>
    public required string Source { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ran first; null where it never has.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it was decided; null where it is not.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Its name.</summary>
    public string Name => Definition.Name;

    /// <summary>A new one, not running.</summary>
    public static Experiment New(ExperimentDefinition definition, string source, DateTimeOffset now) => new()
    {
        Definition = definition,
        State = ExperimentState.Draft,
        Share = definition.Share,
        Guard = definition.Guard,
        PausedVariants = [],
        Source = source,
        CreatedAt = now,
    };

    /// <summary>What a row says.</summary>
    /// <exception cref="FormatException">It says nothing that can be understood.</exception>
    public static Experiment Of(ExperimentRow row)
    {
        try
        {
            return new Experiment
            {
                Definition = ExperimentJson.Read(row.Definition),
                State = Enum.Parse<ExperimentState>(row.State, ignoreCase: true),
                Share = row.Share,
                Guard = ExperimentDefinition.GuardOf(Bytes($$"""{"guard":{{row.Guard}}}""")) ?? throw new ArgumentException("It has no guard."),
                PausedVariants = [.. JsonElement.Parse(row.PausedVariants).EnumerateArray().Select(name => name.GetString()!)],
                Winner = row.Winner,
                Source = row.Source,
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt),
                StartedAt = TimeOf(row.StartedAt),
                EndedAt = TimeOf(row.EndedAt),
            };
        }
        catch (Exception exception) when (exception is GatewayException or ArgumentException or JsonException or InvalidOperationException)
        {
            throw new FormatException($"Experiment {row.Name} cannot be understood: {exception.Message}", exception);
        }
    }

    /// <summary>It as a row.</summary>
    public ExperimentRow ToRow() => new()
    {
        Name = Name,
        Prompt = Definition.Prompt,
        Definition = ExperimentJson.Of(Definition),
        State = State.ToString().ToLowerInvariant(),
        Share = Share,
        Guard = ExperimentJson.Of(Guard),
        Source = Source,
        PausedVariants = ExperimentJson.Of(PausedVariants),
        Winner = Winner,
        CreatedAt = CreatedAt.ToUnixTimeMilliseconds(),
        StartedAt = StartedAt?.ToUnixTimeMilliseconds(),
        EndedAt = EndedAt?.ToUnixTimeMilliseconds(),
    };

    private static JsonBody Bytes(string json) => JsonBody.Parse(System.Text.Encoding.UTF8.GetBytes(json));

    private static DateTimeOffset? TimeOf(long? milliseconds) => milliseconds is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;
}
