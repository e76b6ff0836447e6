using System.Text;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>POST /chat and /chat/stream: a prompt in, an answer out.</summary>
internal static class ChatEndpoint
{
    public static void MapChat(this IEndpointRouteBuilder routes)
    {
        ModelCallEndpoint.Map(routes, "/chat", Answer).WithTags("Chat").WithSummary("A prompt in, an answer out")
            .WithMetadata(ApiExamples.Chat, new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(ChatReply), ["application/json"]));
        ModelCallEndpoint.Map(routes, "/chat/stream", Stream).WithTags("Chat").WithSummary("A prompt in, the answer's text as it comes")
            .WithMetadata(ApiExamples.Chat, new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), ["text/plain"]));
    }

    private static async Task Answer(HttpContext http, GatewayRequest facts, IChatClient pipeline)
    {
        var (messages, options) = await BeginAsync(http, facts, streaming: false);
        var response = await pipeline.GetResponseAsync(messages, options, facts.CallerGone);
        http.Response.WriteFacts(facts);
        var time = http.RequestServices.GetRequiredService<TimeProvider>();
        await http.Response.WriteAsJsonAsync(ChatReply.Of(response, facts, time.GetElapsedTime(facts.StartedAt)), http.RequestAborted);
    }

    private static async Task Stream(HttpContext http, GatewayRequest facts, IChatClient pipeline)
    {
        var (messages, options) = await BeginAsync(http, facts, streaming: true);
        await using var updates = await pipeline.BeginStreamAsync(messages, options, facts.CallerGone);
        http.Response.WriteFacts(facts);
        http.Response.ContentType = "text/plain; charset=utf-8";
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers["X-Accel-Buffering"] = "no";

        // Plain text has no place for an error: one that comes from here on breaks the connection off (FailureHandler).
        do
        {
            Encoding.UTF8.GetBytes(TextOf(updates.Current), http.Response.BodyWriter);
            await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
        }
        while (await updates.MoveNextAsync());
    }

    private static async Task<(IReadOnlyList<ChatMessage> Messages, GatewayChatOptions Options)> BeginAsync(
        HttpContext http, GatewayRequest facts, bool streaming)
    {
        var request = ChatRequest.Parse(JsonBody.Parse(await RequestBody.ReadAsync(http, facts.Configuration)), facts.Configuration.Options.Endpoints);
        facts.Describe(request.Model ?? facts.Configuration.Models.DefaultModel, request.Options, streaming);
        return (request.Messages, request.Options);
    }

    // A refusal is what the model has to say, if it says nothing else.
    private static string TextOf(ChatResponseUpdate update) =>
        string.Concat(update.Contents.Select(ChatReply.TextOf));
}
