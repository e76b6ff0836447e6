using System.Net.Http.Headers;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>OpenAI's embeddings. A request that arrived in this protocol is forwarded as it came; one that did not is written.</summary>
/// <param name="server">The API.</param>
/// <param name="errors">How it tells failures.</param>
/// <param name="baseUrl">Root of the API, with a slash at its end.</param>
internal sealed class OpenAIEmbeddings(OpenAIProtocol server, OpenAIErrors errors, Uri baseUrl) : IEmbeddingProtocol
{
    private readonly Uri _endpoint = new(baseUrl, "embeddings");

    /// <inheritdoc/>
    public ProviderErrors Errors => errors;

    /// <inheritdoc/>
    public HttpRequestMessage Request(IReadOnlyList<string> texts, GatewayEmbeddingOptions options) =>
        server.Post(
            _endpoint,
            options.Original is { Protocol: WireProtocol.OpenAIEmbeddings } original ? OpenAIRequestSplicer.Rename(original, options.ModelId!) : Write(texts, options),
            options.Attempt?.Key);

    /// <inheritdoc/>
    public EmbeddingAnswer Read(ReadOnlyMemory<byte> json, HttpResponseHeaders headers, GatewayEmbeddingOptions options) => new OpenAIEmbeddingReader(errors).Read(json);

    private static ReadOnlyMemory<byte> Write(IReadOnlyList<string> texts, GatewayEmbeddingOptions options) => ProviderRequest.Object(json =>
    {
        json.WriteString("model", options.ModelId);
        json.WriteTexts("input", texts);
        json.WriteOptional("dimensions", options.Dimensions);
    });
}
