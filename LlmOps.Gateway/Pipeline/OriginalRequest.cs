using System.Text;
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
internal sealed record OriginalRequest(WireProtocol Protocol, JsonBody Body, string Model, bool IncludeUsage)
{
    /// <summary>The same bytes with a top-level field more, or with another value in the place of its null.</summary>
    /// <param name="name">The field; plain ASCII.</param>
    /// <param name="json">Its value.</param>
    public OriginalRequest With(string name, string json)
    {
        var source = Body.Bytes.Span;
        var (start, length, text) = Body.Root.TryGetProperty(name, out var given)
            ? (Body.RangeOf(given).Start, Body.RangeOf(given).Length, json)
            : (source.IndexOf((byte)'{') + 1, 0, $"\"{name}\":{json},");
        return this with { Body = JsonBody.Checked((byte[])[.. source[..start], .. Encoding.ASCII.GetBytes(text), .. source[(start + length)..]]) };
    }
}

/// <summary>The protocols a request travels by, on either side of the gateway.</summary>
internal enum WireProtocol
{
    /// <summary>OpenAI's POST /chat/completions.</summary>
    OpenAIChat,

    /// <summary>OpenAI's POST /embeddings.</summary>
    OpenAIEmbeddings,
}
