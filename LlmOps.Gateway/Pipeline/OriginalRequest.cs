using System.Text;
using System.Text.Json;
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
    /// <summary>The same bytes with a top-level field more, or with another value in the place of what it has.</summary>
    /// <param name="name">The field; plain ASCII.</param>
    /// <param name="json">Its value.</param>
    public OriginalRequest With(string name, string json)
    {
        var looked = Body.HasDocument;
        return Body.Root.TryGetProperty(name, out var given)
            ? Edit(Body.RangeOf(given), Encoding.UTF8.GetBytes(json), looked)
            : Edit((Body.Bytes.Span.IndexOf((byte)'{') + 1, 0), Encoding.UTF8.GetBytes($"\"{name}\":{json},"), looked);
    }

    /// <summary>The same bytes with more items in a top-level list, which is made where there is none.</summary>
    /// <param name="name">The list's field; plain ASCII.</param>
    /// <param name="items">The items as JSON, with commas between them; at least one.</param>
    public OriginalRequest Append(string name, ReadOnlyMemory<byte> items)
    {
        if (!Body.Root.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return With(name, $"[{Encoding.UTF8.GetString(items.Span)}]");
        }

        var (start, length) = Body.RangeOf(list);
        return Edit((start + length - 1, 0), list.GetArrayLength() == 0 ? items.Span : [(byte)',', .. items.Span], looked: true);
    }

    /// <summary>The same bytes with another value in the place of one of theirs.</summary>
    /// <param name="value">The value that goes.</param>
    /// <param name="json">The one that comes.</param>
    public OriginalRequest Replace(JsonElement value, ReadOnlySpan<byte> json) => Edit(Body.RangeOf(value), json, looked: true);

    private OriginalRequest Edit((int Start, int Length) range, ReadOnlySpan<byte> text, bool looked)
    {
        var source = Body.Bytes.Span;
        var body = JsonBody.Checked((byte[])[.. source[..range.Start], .. text, .. source[(range.Start + range.Length)..]]);

        // A body with a document is one that may have more in it than a plain chat.
        _ = looked ? body.Root : default;
        return this with { Body = body };
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
