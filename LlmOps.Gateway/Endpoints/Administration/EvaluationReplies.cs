using System.Text.Json;
using System.Text.Json.Serialization;
using LlmOps.Gateway.Prompts.Evaluations;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>A part of the evaluations.</summary>
/// <param name="Data">Newest first, by their begin.</param>
/// <param name="HasMore">Whether there are more.</param>
/// <param name="Next">What to give as <c>after</c> for the next part; null at the end.</param>
internal sealed record EvaluationList(IReadOnlyList<EvaluationHead> Data, bool HasMore, string? Next);

/// <summary>What a list tells of an evaluation.</summary>
/// <param name="Id">The evaluation's own id.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Baseline">The variant that the others are compared with, such as v1.</param>
/// <param name="Variants">The others, such as v2, or v2/MODEL where several models answer.</param>
/// <param name="Status">passed, regression, incomplete.</param>
/// <param name="Cases">How many cases it has.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="By">Who has sent it.</param>
/// <param name="ReceivedAt">When it came.</param>
internal record EvaluationHead(
    string Id, string Prompt, string Baseline, IReadOnlyList<string> Variants, string Status, long Cases, DateTimeOffset StartedAt, DateTimeOffset EndedAt, string By, DateTimeOffset ReceivedAt)
{
    /// <summary>That of a row.</summary>
    public static EvaluationHead Of(EvaluationRow row) => new(
        row.Id, row.Prompt, row.Baseline, [.. JsonElement.Parse(row.Variants).EnumerateArray().Select(name => name.GetString()!)], row.Status, row.Cases,
        DateTimeOffset.FromUnixTimeMilliseconds(row.StartedAt), DateTimeOffset.FromUnixTimeMilliseconds(row.EndedAt), row.Actor, DateTimeOffset.FromUnixTimeMilliseconds(row.ReceivedAt));
}

/// <summary>All of an evaluation.</summary>
internal sealed record EvaluationReply : EvaluationHead
{
    private EvaluationReply(EvaluationHead head, JsonElement evaluation)
        : base(head) => Evaluation = evaluation;

    /// <summary>The evaluation as it came.</summary>
    [JsonPropertyOrder(1)]
    public JsonElement Evaluation { get; }

    /// <summary>That of one that is kept.</summary>
    public static EvaluationReply Of(StoredEvaluation stored) => new(Of(stored.Row), JsonElement.Parse(stored.Json.Span));
}
