using System.Net.Http.Headers;
using System.Text.Json;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Providers.Gemini;

/// <summary>Google's Gemini API, v1beta: batchEmbedContents, which its own clients call for single texts too.</summary>
/// <param name="baseUrl">Root of the API, with a slash at its end.</param>
/// <param name="errors">How it tells failures.</param>
internal sealed class GeminiEmbeddings(Uri baseUrl, ProviderErrors errors) : IEmbeddingProtocol
{
    private static readonly EmbeddingService Service = new(MostTexts: 100);

    /// <inheritdoc/>
    public ProviderErrors Errors => errors;

    /// <inheritdoc/>
    public ValueTask<EmbeddingService> ServiceAsync(GatewayEmbeddingOptions options, CancellationToken cancellationToken) => ValueTask.FromResult(Service);

    /// <inheritdoc/>
    public HttpRequestMessage Request(IReadOnlyList<string> texts, GatewayEmbeddingOptions options) =>
        ProviderRequest.Post(new Uri(baseUrl, $"{GeminiProtocol.Path(options.ModelId!)}:batchEmbedContents"), Write(texts, options))
            .With("x-goog-api-key", options.Attempt?.Key.Value?.Reveal());

    /// <inheritdoc/>
    public EmbeddingAnswer Read(ReadOnlyMemory<byte> json, HttpResponseHeaders headers, GatewayEmbeddingOptions options) => new Reader(errors).Read(json);

    private static ReadOnlyMemory<byte> Write(IReadOnlyList<string> texts, GatewayEmbeddingOptions options) => ProviderRequest.Object(json =>
    {
        // Each request of the batch repeats the model, with its collection.
        var model = options.ModelId!.Contains('/', StringComparison.Ordinal) ? options.ModelId : $"models/{options.ModelId}";
        json.WriteStartArray("requests");
        foreach (var text in texts)
        {
            json.WriteStartObject();
            json.WriteString("model", model);
            json.WriteStartObject("content");
            json.WriteStartArray("parts");
            json.WriteStartObject();
            json.WriteString("text", text);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteOptional("outputDimensionality", options.Dimensions);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>Reads <c>{"embeddings":[{"values":[…]}],"usageMetadata":{"promptTokenCount"}}</c>; not every model has usage.</summary>
    private sealed class Reader(ProviderErrors errors) : EmbeddingReader(errors)
    {
        private readonly ProviderErrors _errors = errors;

        /// <inheritdoc/>
        protected override bool ReadMember(ref Utf8JsonReader reader)
        {
            if (reader.Is("embeddings"u8))
            {
                ReadEmbeddings(ref reader);
            }
            else if (reader.Is("usageMetadata"u8))
            {
                ReadUsage(ref reader);
            }
            else
            {
                return false;
            }

            return true;
        }

        private void ReadEmbeddings(ref Utf8JsonReader reader)
        {
            if (!reader.OpenList())
            {
                return;
            }

            while (reader.NextItem())
            {
                float[]? vector = null;
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    while (reader.NextMember())
                    {
                        if (reader.Is("values"u8))
                        {
                            reader.Read();
                            vector = ReadVector(ref reader);
                        }
                        else
                        {
                            reader.SkipValue();
                        }
                    }
                }

                Vectors.Add(vector ?? throw _errors.Malformed("an embedding without values"));
            }
        }

        private void ReadUsage(ref Utf8JsonReader reader)
        {
            if (!reader.OpenObject())
            {
                return;
            }

            while (reader.NextMember())
            {
                if (reader.Is("promptTokenCount"u8))
                {
                    Usage = UsageOf(reader.Count());
                }
                else
                {
                    reader.SkipValue();
                }
            }
        }
    }
}
