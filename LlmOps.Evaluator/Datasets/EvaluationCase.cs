using System.Text.Json;
using LlmOps.Evaluator.Answers;
using LlmOps.Evaluator.Evaluators;

namespace LlmOps.Evaluator.Datasets;

/// <summary>A case of a dataset.</summary>
internal sealed record EvaluationCase
{
    /// <summary>What it is known by; no other case of the dataset has it.</summary>
    public required string Id { get; init; }

    /// <summary>The line that it begins in, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>The values of the prompt's variables.</summary>
    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>The answer that is expected: a text, or any JSON; null for none.</summary>
    public JsonElement? Expected { get; init; }

    /// <summary>Good answers; where none are given and the expected one is a text, that one.</summary>
    public IReadOnlyList<string> References { get; init; } = [];

    /// <summary>What else is known of it, an object; null for nothing.</summary>
    public JsonElement? Metadata { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>How much it counts, above 0.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Evaluators for this case alone.</summary>
    public IReadOnlyList<EvaluatorSpec> Evaluators { get; init; } = [];

    /// <summary>What people said of answers: by metric, then by version (v2), a number or a word.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Human { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>The expected answer as text; null for none. Of JSON other than a text, the JSON.</summary>
    public string? ExpectedText => Expected switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { } json => json.GetRawText(),
    };

    /// <summary>The variables that a version knows: others are those of versions that it is compared with.</summary>
    public IReadOnlyDictionary<string, string> VariablesOf(PromptVersionInfo version) =>
        Variables.Where(value => version.Variables.Any(variable => variable.Name == value.Key)).ToDictionary();
}
