using System.Text;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>How the endpoints outside /v1 answer: with a <see cref="ChatReply"/>, or the answer's text as it comes.</summary>
internal abstract class PlainAnswer(TimeProvider time) : IChatFormat
{
    /// <inheritdoc/>
    public abstract string Family { get; }

    /// <inheritdoc/>
    public bool IsCachedByDefault => true;

    /// <inheritdoc/>
    public virtual bool TakesUntypedBodies => false;

    /// <inheritdoc/>
    public abstract ValueTask<ChatCallRequest> ReadAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts);

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
    private static string TextOf(ChatResponseUpdate update) => string.Concat(update.Contents.Select(ChatReply.TextOf));
}
