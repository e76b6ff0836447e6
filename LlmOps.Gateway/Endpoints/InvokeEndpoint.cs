using LlmOps.Gateway.Access.Idempotency;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>POST /invoke: a prompt, with what was said before, in; an answer with its usage and how it came about out.</summary>
internal sealed class InvokeEndpoint(TimeProvider time) : IChatFormat
{
    public static void Map(IEndpointRouteBuilder routes) =>
        ChatCall.Map(routes, "/invoke", new InvokeEndpoint(routes.ServiceProvider.GetRequiredService<TimeProvider>()))
            .WithTags("Chat").WithSummary("A prompt with what was said before in, an answer with its usage and performance out")
            .WithMetadata(ApiExamples.Invoke, new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(InvokeReply), ["application/json"]));

    /// <inheritdoc/>
    // One of its own: its answers may have the probabilities that others did not ask for.
    public string Family => "/invoke";

    /// <inheritdoc/>
    public bool IsCachedByDefault => true;

    /// <inheritdoc/>
    public IIdempotencyFormat Idempotency { get; } = new InvokeIdempotency(time);

    /// <inheritdoc/>
    public ValueTask<ChatCallRequest> ReadAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts)
    {
        var json = JsonBody.Parse(body);

        // First of all, so that whatever is wrong with the rest is told under it.
        facts.BodyRequestId = InvokeRequest.RequestIdOf(json);
        var request = InvokeRequest.Parse(json, facts.Configuration.Options.Endpoints);
        if (request.CallersKey is { } key)
        {
            // What one's own key has paid for is nobody else's, nor is it given what others' have.
            facts.CallersKey = key;
            facts.CacheControls = facts.CacheControls with { NoRead = true, NoWrite = true };
        }

        var models = facts.Configuration.Models;
        return ValueTask.FromResult(new ChatCallRequest(request.Model ?? (request.CallersKey is null ? models.DefaultModel : models.DefaultModelForCallersKey), request.Messages, request.Options, Stream: false));
    }

    /// <inheritdoc/>
    public Task WriteAsync(HttpContext http, ChatCallRequest request, ChatResponse response, GatewayRequest facts) =>
        http.Response.WriteAsJsonAsync(InvokeReply.Of(response, facts, time.GetElapsedTime(facts.StartedAt), time.GetUtcNow()), http.RequestAborted);
}
