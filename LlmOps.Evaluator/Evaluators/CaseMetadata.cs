using System.Text.Json;
using LlmOps.Evaluator.Datasets;
using LlmOps.Gateway.Endpoints;

namespace LlmOps.Evaluator.Evaluators;

/// <summary>What else is known of a case.</summary>
internal static class CaseMetadata
{
    /// <summary>A member of a case's metadata; null where there is none.</summary>
    public static JsonElement? Find(EvaluationCase @case, string name) =>
        @case.Metadata is { ValueKind: JsonValueKind.Object } metadata ? JsonBody.Optional(metadata, name) : null;
}
