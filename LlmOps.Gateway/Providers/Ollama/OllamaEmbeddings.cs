using System.Net.Http.Headers;
using System.Text.Json;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Providers.Ollama;

/// <summary>Ollama's own API: POST /api/embed. A text that is longer than the model's context is an error, never cut.</summary>
/// <param name="baseUrl">Address of the server, with a slash at its end.</param>
/// <param name="settings">Its settings.</param>
/// <param name="errors">How it tells failures.</param>
internal sealed class OllamaEmbeddings(Uri baseUrl, ProviderOptions settings, ProviderErrors errors) : IEmbeddingProtocol
{
    private readonly Uri _endpoint = new(baseUrl, "api/embed");

    /// <inheritdoc/>
    public ProviderErrors Errors => errors;

    /// <inheritdoc/>
    public HttpRequestMessage Request(IReadOnlyList<string> texts, GatewayEmbeddingOptions options) =>
        ProviderRequest.Post(_endpoint, Write(texts, options)).With("Authorization", options.Attempt?.Key.Bearer?.Reveal());

    /// <inheritdoc/>
    public EmbeddingAnswer Read(ReadOnlyMemory<byte> json, HttpResponseHeaders headers, GatewayEmbeddingOptions options) => new Reader(errors).Read(json);

    private ReadOnlyMemory<byte> Write(IReadOnlyList<string> texts, GatewayEmbeddingOptions options) => ProviderRequest.Object(json =>
    {
        json.WriteString("model", options.ModelId);
        json.WriteTexts("input", texts);
        json.WriteBoolean("truncate", false);
        json.WriteOptional("dimensions", options.Dimensions);
        OllamaRequestWriter.WriteKeepAlive(json, settings);
        if (settings.ContextLength is { } context)
        {
            json.WriteStartObject("options");
            json.WriteNumber("num_ctx", context);
            json.WriteEndObject();
        }
    });

    /// <summary>Reads <c>{"model","embeddings":[[…]],"prompt_eval_count"}</c>; a count of 0 is absent.</summary>
    private sealed class Reader(ProviderErrors errors) : EmbeddingReader(errors)
    {
        /// <inheritdoc/>
        protected override bool ReadMember(ref Utf8JsonReader reader)
        {
            if (reader.Is("embeddings"u8))
            {
                if (reader.OpenList())
                {
                    while (reader.NextItem())
                    {
                        Vectors.Add(ReadVector(ref reader));
                    }
                }
            }
            else if (reader.Is("model"u8))
            {
                Model = reader.Text();
            }
            else if (reader.Is("prompt_eval_count"u8))
            {
                Usage = UsageOf(reader.Count());
            }
            else
            {
                return false;
            }

            return true;
        }
    }
}
