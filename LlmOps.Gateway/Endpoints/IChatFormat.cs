using LlmOps.Gateway.Access.Idempotency;
using LlmOps.Gateway.Errors;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>How one of the gateway's APIs for chats writes requests and answers; what happens in between is the same for all (<see cref="ChatCall"/>).</summary>
internal interface IChatFormat
{
    /// <summary>Requests of formats of one family may have the same answer.</summary>
    string Family { get; }

    /// <summary>Whether answers are cached unless something says otherwise.</summary>
    bool IsCachedByDefault { get; }

    /// <summary>How its bodies have an idempotency key of their own; null where only the header has one.</summary>
    IIdempotencyFormat? Idempotency => null;

    /// <summary>Whether bodies may come without saying that they are JSON, as curl sends them: only where a credential is always needed, for no web page can send that unasked.</summary>
    bool TakesUntypedBodies => false;

    /// <summary>Checks and types a request.</summary>
    /// <exception cref="GatewayException">400, with the field and what was expected.</exception>
    ValueTask<ChatCallRequest> ReadAsync(HttpContext http, ReadOnlyMemory<byte> body, GatewayRequest facts);

    /// <summary>Writes the whole answer; headers that tell how it came about are set.</summary>
    Task WriteAsync(HttpContext http, ChatCallRequest request, ChatResponse response, GatewayRequest facts);

    /// <summary>Writes the answer as it comes; for formats whose requests may ask for that.</summary>
    /// <param name="http">Where to.</param>
    /// <param name="request">What was asked.</param>
    /// <param name="updates">The answer, on its first update.</param>
    /// <exception cref="BrokenStreamException">It failed, and the caller has been told so in the stream.</exception>
    Task StreamAsync(HttpContext http, ChatCallRequest request, IAsyncEnumerator<ChatResponseUpdate> updates) => throw new NotSupportedException("This format has no streams.");
}

/// <summary>A chat that came by any of the APIs, as it goes into the pipeline.</summary>
/// <param name="Model">The model as the caller names it.</param>
/// <param name="Messages">The conversation.</param>
/// <param name="Options">Parameters, with the caller's bytes where they are a provider's protocol.</param>
/// <param name="Stream">Whether the caller wants a stream.</param>
internal record ChatCallRequest(string Model, IReadOnlyList<ChatMessage> Messages, GatewayChatOptions Options, bool Stream)
{
    /// <summary>Bytes of all that goes to the model, where that is more than the caller's body; null where it is not.</summary>
    public long? TextBytes { get; init; }
}
