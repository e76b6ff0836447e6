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

    /// <summary>Checks and types a request.</summary>
    /// <exception cref="GatewayException">400, with the field and what was expected.</exception>
    ChatCallRequest Read(ReadOnlyMemory<byte> body, GatewayRequest facts);

    /// <summary>Writes the whole answer; headers that tell how it came about are set.</summary>
    Task WriteAsync(HttpContext http, ChatCallRequest request, ChatResponse response, GatewayRequest facts);

    /// <summary>Writes the answer as it comes.</summary>
    /// <param name="http">Where to.</param>
    /// <param name="request">What was asked.</param>
    /// <param name="updates">The answer, on its first update.</param>
    /// <exception cref="BrokenStreamException">It failed, and the caller has been told so in the stream.</exception>
    Task StreamAsync(HttpContext http, ChatCallRequest request, IAsyncEnumerator<ChatResponseUpdate> updates);
}

/// <summary>A chat that came by any of the APIs, as it goes into the pipeline.</summary>
/// <param name="Model">The model as the caller names it.</param>
/// <param name="Messages">The conversation.</param>
/// <param name="Options">Parameters, with the caller's bytes where they are a provider's protocol.</param>
/// <param name="Stream">Whether the caller wants a stream.</param>
internal record ChatCallRequest(string Model, IReadOnlyList<ChatMessage> Messages, GatewayChatOptions Options, bool Stream);
