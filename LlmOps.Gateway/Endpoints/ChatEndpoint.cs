using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Endpoints;

/// <summary>POST /chat and /chat/stream: a prompt in, an answer out.</summary>
internal sealed class ChatEndpoint(bool stream, TimeProvider time) : PlainAnswer(time)
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
    public override string Family => "/chat";

    /// <inheritdoc/>
    public override ValueTask<ChatCallRequest> ReadAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        var request = ChatRequest.Parse(JsonBody.Parse(body), facts.Configuration.Options.Endpoints);
        return ValueTask.FromResult(new ChatCallRequest(request.Model ?? facts.Configuration.Models.DefaultModel, request.Messages, request.Options, stream));
    }
}
