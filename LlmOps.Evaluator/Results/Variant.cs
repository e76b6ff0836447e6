using System.Text.Json;

namespace LlmOps.Evaluator.Results;

/// <summary>What is compared: a version of the prompt, answered by a model.</summary>
internal sealed record Variant
{
    /// <summary>What it is called in reports: v2, or v2/MODEL where several models answer.</summary>
    public required string Name { get; init; }

    /// <summary>The version: v2.</summary>
    public required string Version { get; init; }

    /// <summary>The model that was asked for; null for the prompt's own, or else the gateway's default.</summary>
    public string? Model { get; init; }

    /// <summary>The hash of the version's text and parameters.</summary>
    public required string ContentHash { get; init; }

    /// <summary>What the version asks of the model.</summary>
    public IReadOnlyDictionary<string, JsonElement> Parameters { get; init; } = new Dictionary<string, JsonElement>();
}
