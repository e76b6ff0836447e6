using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Prompts.Evaluations;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>What the query of /admin/evaluations asks for, checked.</summary>
internal static class EvaluationFields
{
    private const int DefaultLimit = 100;
    private const int MostLimit = 1_000;

    private static readonly string[] Known = ["prompt", "status", "since", "limit", "after"];
    private static readonly string[] Statuses = ["passed", "regression", "incomplete"];

    /// <summary>Reads it.</summary>
    /// <exception cref="GatewayException">400: a parameter is not known, given twice, or not what it should be.</exception>
    public static EvaluationFilter Read(IQueryCollection query)
    {
        var fields = new QueryFields(query, Known);
        return new EvaluationFilter
        {
            Prompt = fields.Text("prompt"),
            Status = fields.Text("status") is not { } status || Statuses.Contains(status)
                ? fields.Text("status")
                : throw QueryFields.Fault("status", $"is '{Shown.Short(status)}'; expected {string.Join(", ", Statuses)}"),
            Since = fields.Time("since"),
            Limit = fields.Number("limit", DefaultLimit, 1, MostLimit),
            After = fields.Text("after") is not { } after ? null
                : EvaluationPlace.Parse(after) ?? throw QueryFields.Fault("after", $"is '{Shown.Short(after)}'; expected next of the page before"),
        };
    }
}
