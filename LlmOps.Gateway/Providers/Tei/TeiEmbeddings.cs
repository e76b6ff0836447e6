using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Providers.Tei;

/// <summary>
/// Text Embeddings Inference: POST /embed, of which a text that is too long is refused (/v1/embeddings would cut it and say
/// nothing). The server has one model, whatever it is called here.
/// </summary>
/// <param name="name">The provider's name in the configuration.</param>
/// <param name="baseUrl">Address of the server, with a slash at its end.</param>
/// <param name="keys">What it is called with.</param>
/// <param name="transport">How it is reached.</param>
/// <param name="time">The clock.</param>
internal sealed class TeiEmbeddings(string name, Uri baseUrl, ProviderKeys keys, ProviderTransport transport, TimeProvider time) : IEmbeddingProtocol
{
    private readonly TeiErrors _errors = new(name, keys, time);
    private readonly Uri _endpoint = new(baseUrl, "embed");
    private readonly TeiServer _server = new(name, baseUrl, new TeiErrors(name, keys, time), transport, time);

    /// <inheritdoc/>
    public ProviderErrors Errors => _errors;

    /// <inheritdoc/>
    public ValueTask<EmbeddingService> ServiceAsync(GatewayEmbeddingOptions options, CancellationToken cancellationToken) =>
        _server.ServiceAsync(options.Attempt, cancellationToken);

    /// <inheritdoc/>
    public void Forget() => _server.Forget();

    /// <inheritdoc/>
    public HttpRequestMessage Request(IReadOnlyList<string> texts, GatewayEmbeddingOptions options) =>
        ProviderRequest.Post(_endpoint, Write(texts, options)).With("Authorization", options.Attempt?.Key.Bearer?.Reveal());

    /// <inheritdoc/>
    public EmbeddingAnswer Read(ReadOnlyMemory<byte> json, HttpResponseHeaders headers, GatewayEmbeddingOptions options)
    {
        var vectors = new List<float[]>();
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                _errors.Parse(json).Dispose();
                throw _errors.Malformed("JSON that is no list of vectors");
            }

            while (reader.NextItem())
            {
                vectors.Add(VectorReader.Read(ref reader, _errors, vectors.Count > 0 ? vectors[^1] : null));
            }

            // Nothing may follow.
            reader.Read();
        }
        catch (JsonException exception)
        {
            throw _errors.Malformed("something that is not valid JSON", exception);
        }

        return new EmbeddingAnswer(vectors) { Usage = EmbeddingReader.UsageOf(TokensIn(headers)) };
    }

    private static long? TokensIn(HttpResponseHeaders headers) =>
        headers.TryGetValues("x-compute-tokens", out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var tokens) ? tokens : null;

    private static ReadOnlyMemory<byte> Write(IReadOnlyList<string> texts, GatewayEmbeddingOptions options) => ProviderRequest.Object(json =>
    {
        json.WriteTexts("inputs", texts);
        json.WriteBoolean("normalize", true);
        json.WriteBoolean("truncate", false);
        json.WriteOptional("dimensions", options.Dimensions);
    });
}
