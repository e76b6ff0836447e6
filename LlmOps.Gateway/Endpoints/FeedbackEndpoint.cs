using System.Text.Json;
using LlmOps.Gateway.Access;
using LlmOps.Gateway.Configuration;
using LlmOps.Gateway.Endpoints.Prompts;
using LlmOps.Gateway.Prompts;
using LlmOps.Gateway.Prompts.Feedback;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LlmOps.Gateway.Endpoints;

/// <summary>POST /feedback: what a caller says of an answer.</summary>
internal static class FeedbackEndpoint
{
    private const int LongestComment = 4_000;
    private const int LongestRequestId = 256;

    public static void MapFeedback(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/feedback", TakeAsync).WithTags("Prompts").WithMetadata(PromptExamples.Feedback).WithSummary("Scores an answer of yours");

    private static async Task<Ok<FeedbackReply>> TakeAsync(HttpContext http, AnswerFeedback feedback, GatewayConfiguration configuration)
    {
        var body = await RequestBody.ReadFieldsAsync(http, configuration, "request_id", "score", "name", "comment");
        var requestId = body.ShortText(body.Required(body.Root, "request_id"u8, "the X-Request-ID of an answer"), LongestRequestId);
        var given = body.Required(body.Root, "score"u8, "a finite number");
        var score = given.ValueKind == JsonValueKind.Number && given.TryGetDouble(out var number) && double.IsFinite(number) ? number : throw body.Invalid(given, "a finite number");
        var name = JsonBody.Optional(body.Root, "name"u8) is not { } own ? FeedbackTable.DefaultName
            : PromptTemplate.IsName(body.Text(own)) ? own.GetString()! : throw body.Invalid(own, PromptTemplate.NameForm);
        var comment = JsonBody.Optional(body.Root, "comment"u8) is { } words ? body.ShortText(words, LongestComment) : null;
        var request = await feedback.TakeAsync(http.Features.GetRequiredFeature<Principal>(), requestId, name, score, comment, http.RequestAborted);
        return TypedResults.Ok(new FeedbackReply(requestId, name, score, request.Prompt, request.PromptVersion, request.Experiment, request.Variant));
    }
}

/// <summary>What was scored.</summary>
/// <param name="RequestId">The request.</param>
/// <param name="Name">What of it.</param>
/// <param name="Score">The score.</param>
/// <param name="Prompt">The prompt that it was made from; null for none.</param>
/// <param name="PromptVersion">Its version; null for none.</param>
/// <param name="Experiment">The experiment that it took part in; null for none.</param>
/// <param name="Variant">The variant that it saw; null for none.</param>
internal sealed record FeedbackReply(string RequestId, string Name, double Score, string? Prompt, string? PromptVersion, string? Experiment, string? Variant);
