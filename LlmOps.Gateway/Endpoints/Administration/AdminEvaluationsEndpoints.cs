using LlmOps.Gateway.Access;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Endpoints.Prompts;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Prompts.Evaluations;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints.Administration;

/// <summary>/admin/evaluations: what evaluations of prompts have said.</summary>
internal static class AdminEvaluationsEndpoints
{
    public static void MapAdminEvaluations(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/admin/evaluations").WithTags("Administration");
        group.MapPost("", AddAsync).WithMetadata(PromptExamples.Evaluation).WithSummary("Keeps an evaluation; one that is there already stays as it is");
        group.MapGet("", ListAsync).WithSummary("Evaluations, newest first");
        group.MapGet("/{id}", GetAsync).WithSummary("An evaluation, as it came");
    }

    private static async Task<Results<Created<EvaluationReply>, Ok<EvaluationReply>>> AddAsync(HttpContext http, EvaluationTable table, GatewayConfiguration configuration, TimeProvider time)
    {
        var body = JsonBody.Parse(await RequestBody.ReadAsync(http, configuration.Current));
        var row = EvaluationRow.Read(body, http.Features.GetRequiredFeature<Principal>().Subject, time.GetUtcNow());
        var (stored, isNew) = await table.AddAsync(row, body.Bytes, configuration.Current.Options.Prompts.MaxEvaluations, http.RequestAborted);
        return isNew ? TypedResults.Created($"/admin/evaluations/{row.Id}", EvaluationReply.Of(stored)) : TypedResults.Ok(EvaluationReply.Of(stored));
    }

    // The parameters that are not used here are for the OpenAPI document: they are read from the request itself, as one that is given twice, or is not known, is a mistake.
    private static async Task<Ok<EvaluationList>> ListAsync(HttpContext http, EvaluationTable table, string? prompt, string? status, string? since, string? limit, string? after)
    {
        var page = await table.ListAsync(EvaluationFields.Read(http.Request.Query), http.RequestAborted);
        return TypedResults.Ok(new EvaluationList([.. page.Evaluations.Select(EvaluationHead.Of)], page.Next is not null, page.Next?.ToString()));
    }

    private static async Task<Ok<EvaluationReply>> GetAsync(string id, HttpContext http, EvaluationTable table, GatewayConfiguration configuration) =>
        Guid.TryParse(id, out var known) && await table.FindAsync(known, http.RequestAborted) is { } stored
            ? TypedResults.Ok(EvaluationReply.Of(stored))
            : throw new GatewayException(
                ErrorCode.NotFound, $"There is no evaluation '{Shown.Short(id)}'; the newest {configuration.Current.Options.Prompts.MaxEvaluations} are kept.", "id");
}
