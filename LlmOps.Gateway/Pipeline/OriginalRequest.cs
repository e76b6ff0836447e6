using LlmOps.Gateway.Endpoints;

namespace LlmOps.Gateway.Pipeline;

/// <summary>
/// The caller's own bytes beside the typed request. A provider of the same protocol sends these, so that fields
/// the gateway does not know survive. A stage that changes a chat sets <see cref="GatewayChatOptions.Original"/> to null.
/// </summary>
/// <param name="Protocol">What the bytes are.</param>
/// <param name="Body">The bytes, and the JSON in them.</param>
/// <param name="Model">The model that they name.</param>
/// <param name="IncludeUsage">Whether they ask for a stream's usage.</param>
internal sealed record OriginalRequest(WireProtocol Protocol, JsonBody Body, string Model, bool IncludeUsage);

/// <summary>The protocols a request travels by, on either side of the gateway.</summary>
internal enum WireProtocol
{
    /// <summary>OpenAI's POST /chat/completions.</summary>
    OpenAIChat,

    /// <summary>OpenAI's POST /embeddings.</summary>
    OpenAIEmbeddings,
}
