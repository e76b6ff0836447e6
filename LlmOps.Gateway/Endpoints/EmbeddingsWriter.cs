using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using LlmOps.Gateway.Pipeline;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Endpoints;

/// <summary>Writes embeddings of providers that speak another protocol in OpenAI's form.</summary>
internal static class EmbeddingsWriter
{
    /// <summary>A list of embeddings. Usage that the provider did not count is left out.</summary>
    public static void Write(IBufferWriter<byte> output, GeneratedEmbeddings<Embedding<float>> answer, string model, bool asBase64)
    {
        using var json = new Utf8JsonWriter(output, Json.WriterOptions);
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        for (var index = 0; index < answer.Count; index++)
        {
            json.WriteStartObject();
            json.WriteString("object", "embedding");
            json.WriteNumber("index", index);
            json.WritePropertyName("embedding");
            WriteVector(json, answer[index].Vector.Span, asBase64);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("model", model);
        if (answer.AdditionalProperties?.GetValueOrDefault(MessageProperties.SystemFingerprint) is string fingerprint)
        {
            json.WriteString("system_fingerprint", fingerprint);
        }

        if (answer.Usage is { InputTokenCount: { } tokens })
        {
            json.WriteStartObject("usage");
            json.WriteNumber("prompt_tokens", tokens);
            json.WriteNumber("total_tokens", answer.Usage.TotalTokenCount ?? tokens);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteVector(Utf8JsonWriter json, ReadOnlySpan<float> vector, bool asBase64)
    {
        if (!asBase64)
        {
            json.WriteStartArray();
            foreach (var number in vector)
            {
                json.WriteNumberValue(number);
            }

            json.WriteEndArray();
            return;
        }

        var bytes = ArrayPool<byte>.Shared.Rent(vector.Length * sizeof(float));
        for (var index = 0; index < vector.Length; index++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(index * sizeof(float)), vector[index]);
        }

        json.WriteBase64StringValue(bytes.AsSpan(0, vector.Length * sizeof(float)));
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
