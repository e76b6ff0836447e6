using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers;

/// <summary>One provider's chat API: what is sent, and how the answer is understood. <see cref="ProviderChatClient"/> does the HTTP around it.</summary>
internal interface IChatProtocol
{
    /// <summary>How this provider tells failures.</summary>
    ProviderErrors Errors { get; }

    /// <summary>Media type of a stream: text/event-stream, or application/x-ndjson.</summary>
    string StreamMediaType { get; }

    /// <summary>The request, with its key and without what HTTP itself needs.</summary>
    HttpRequestMessage Request(IEnumerable<ChatMessage> messages, GatewayChatOptions options, bool stream);

    /// <summary>The typed form of a whole answer.</summary>
    /// <param name="json">The body.</param>
    /// <param name="options">What was asked.</param>
    /// <exception cref="Errors.ProviderException">It tells a failure, or is not an answer.</exception>
    ChatResponse Read(ReadOnlyMemory<byte> json, GatewayChatOptions options);

    /// <summary>The reader of one stream.</summary>
    IChatStreamReader ReadStream(GatewayChatOptions options);
}

/// <summary>Understands the events of one stream, and knows whether it was complete: the end of the bytes alone proves nothing.</summary>
internal interface IChatStreamReader
{
    /// <summary>Whether the protocol's terminal event was read, after which nothing has a meaning.</summary>
    bool Ended { get; }

    /// <summary>The typed form of an event; null where it says nothing to anyone.</summary>
    /// <exception cref="Errors.ProviderException">It tells a failure, or is not this protocol.</exception>
    ChatResponseUpdate? Read(StreamEvent received);

    /// <summary>What the end of the stream leaves to say; null for nothing.</summary>
    /// <exception cref="Errors.ProviderException">The answer is not complete.</exception>
    ChatResponseUpdate? End();
}
