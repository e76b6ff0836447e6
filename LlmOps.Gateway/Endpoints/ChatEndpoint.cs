using System.Text;
using LlmOps.Gateway.Pipeline;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>POST /chat and /chat/stream: a prompt in, an answer out.</summary>
internal static class ChatEndpoint
{
    public static void MapChat(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/chat").AddEndpointFilter<ModelCallFilter>().WithTags("Chat").WithMetadata(ApiExamples.Chat);
        group.MapPost("", Answer).WithSummary("A prompt in, an answer out");
        group.MapPost("/stream", Stream).WithSummary("A prompt in, the answer's text as it comes").Produces<string>(contentType: "text/plain");
    }

    private static async Task<Ok<ChatReply>> Answer(HttpContext http, IChatClient pipeline, TimeProvider time)
    {
        var (messages, options, facts) = await BeginAsync(http, streaming: false);
        var response = await pipeline.GetResponseAsync(messages, options, facts.Cancelled);
        http.Response.WriteFacts(facts);
        return TypedResults.Ok(ChatReply.Of(response, facts, time.GetElapsedTime(facts.StartedAt)));
    }

    private static async Task Stream(HttpContext http, IChatClient pipeline)
    {
        var (messages, options, facts) = await BeginAsync(http, streaming: true);
        await using var updates = await pipeline.BeginStreamAsync(messages, options, facts.Cancelled);
        http.Response.WriteFacts(facts);
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";

        // Plain text has no place for an error: one that comes from here on breaks the connection off (ErrorMiddleware).
        do
        {
            Encoding.UTF8.GetBytes(TextOf(updates.Current), http.Response.BodyWriter);
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
        }
        while (await updates.MoveNextAsync());
    }

    private static async Task<(IReadOnlyList<ChatMessage> Messages, GatewayChatOptions Options, GatewayRequest Facts)> BeginAsync(
        HttpContext http, bool streaming)
    {
        var facts = http.Facts();
        var request = ChatRequest.Parse(await RequestBody.ReadJsonAsync(http, facts.Configuration), facts.Configuration.Options.Endpoints);
        facts.Describe(request.Model ?? facts.Configuration.Models.DefaultModel, request.Options, streaming);
        return (request.Messages, request.Options, facts);
    }

    // A refusal is what the model has to say, if it says nothing else.
    private static string TextOf(ChatResponseUpdate update) =>
        string.Concat(update.Contents.Select(ChatReply.TextOf));
}
