using System.Text;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>POST /chat and /chat/stream: a prompt in, an answer out.</summary>
internal sealed class ChatEndpoint(bool stream, TimeProvider time) : IChatFormat
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var time = routes.ServiceProvider.GetRequiredService<TimeProvider>();
        ChatCall.Map(routes, "/chat", new ChatEndpoint(stream: false, time)).WithTags("Chat").WithSummary("A prompt in, an answer out")
            .WithMetadata(ApiExamples.Chat, new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(ChatReply), ["application/json"]));
        ChatCall.Map(routes, "/chat/stream", new ChatEndpoint(stream: true, time)).WithTags("Chat").WithSummary("A prompt in, the answer's text as it comes")
            .WithMetadata(ApiExamples.Chat, new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), ["text/plain"]));
    }

    /// <inheritdoc/>
    public string Family => "/chat";

    /// <inheritdoc/>
    public bool IsCachedByDefault => true;

    /// <inheritdoc/>
    public ChatCallRequest Read(ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        var request = ChatRequest.Parse(JsonBody.Parse(body), facts.Configuration.Options.Endpoints);
        return new ChatCallRequest(request.Model ?? facts.Configuration.Models.DefaultModel, request.Messages, request.Options, stream);
    }

    /// <inheritdoc/>
    public Task WriteAsync(HttpContext http, ChatCallRequest request, ChatResponse response, GatewayRequest facts) =>
        http.Response.WriteAsJsonAsync(ChatReply.Of(response, facts, time.GetElapsedTime(facts.StartedAt)), http.RequestAborted);

    /// <inheritdoc/>
    public async Task StreamAsync(HttpContext http, ChatCallRequest request, IAsyncEnumerator<ChatResponseUpdate> updates)
    {
        var output = http.Response.BodyWriter;
        http.Response.ContentType = "text/plain; charset=utf-8";

        // Plain text has no place for an error: one that comes from here on breaks the connection off (FailureHandler).
        await output.WriteAllAsync(updates, update => Encoding.UTF8.GetBytes(TextOf(update), output));
        await output.FlushAsync(http.RequestAborted);
    }

    // A refusal is what the model has to say, if it says nothing else.
    private static string TextOf(ChatResponseUpdate update) =>
        string.Concat(update.Contents.Select(ChatReply.TextOf));
}
