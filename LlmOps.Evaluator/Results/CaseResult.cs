using System.Text.Json;

namespace LlmOps.Evaluator.Results;

/// <summary>A case and what came of it.</summary>
internal sealed record CaseResult
{
    /// <summary>The case's id in the dataset.</summary>
    public required string Id { get; init; }

    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>The answer that was expected: a text, or any JSON; null for none.</summary>
    public JsonElement? Expected { get; init; }

    public IReadOnlyList<string> References { get; init; } = [];

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>How much it counts, above 0.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>The answers, by variant in their order, and by repeat.</summary>
    public required IReadOnlyList<AnswerResult> Answers { get; init; }
}

/// <summary>A variant's answer to a case, and its scores.</summary>
internal sealed record AnswerResult
{
    /// <summary>The variant's name.</summary>
    public required string Variant { get; init; }

    /// <summary>Which of the repeats, from 1.</summary>
    public required int Repeat { get; init; }

    /// <summary>The answer; null where the call failed.</summary>
    public Answer? Answer { get; init; }

    /// <summary>Why there is no answer; null where there is one.</summary>
    public string? Failure { get; init; }

    /// <summary>Its scores by metric; none for a metric that does not apply to the case.</summary>
    public IReadOnlyDictionary<string, Score> Scores { get; init; } = new Dictionary<string, Score>();
}
