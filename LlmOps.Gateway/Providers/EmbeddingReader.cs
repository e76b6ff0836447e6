using System.Text.Json;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers;

/// <summary>Reads an answer with embeddings that is an object, in one pass: a document of millions of numbers would take many times their memory.</summary>
internal abstract class EmbeddingReader(ProviderErrors errors)
{
    /// <summary>The vectors read so far.</summary>
    protected List<float[]> Vectors { get; } = [];

    /// <summary>The model that answered.</summary>
    protected string? Model { get; set; }

    /// <summary>Input tokens as the provider counted them; null where it does not say.</summary>
    protected UsageDetails? Usage { get; set; }

    /// <summary>Reads it from its bytes.</summary>
    /// <exception cref="Errors.ProviderException">It tells a failure, or is not an answer.</exception>
    public virtual EmbeddingAnswer Read(ReadOnlyMemory<byte> json)
    {
        var failure = true;
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                failure = false;
                while (reader.NextMember())
                {
                    if (reader.Is("error"u8))
                    {
                        failure |= reader.HasValue();
                    }
                    else if (!ReadMember(ref reader))
                    {
                        reader.SkipValue();
                    }
                }

                // Nothing may follow.
                reader.Read();
            }
        }
        catch (JsonException exception)
        {
            throw errors.Malformed("something that is not valid JSON", exception);
        }

        if (failure)
        {
            // Throws, unless what looked like a failure says nothing.
            errors.Parse(json).Dispose();
        }

        return new EmbeddingAnswer(Vectors) { Model = Model, Usage = Usage };
    }

    /// <summary>Reads the member on whose name the reader stands; false where it is of no interest.</summary>
    protected abstract bool ReadMember(ref Utf8JsonReader reader);

    /// <summary>Reads the vector that the reader stands on.</summary>
    protected float[] ReadVector(ref Utf8JsonReader reader) => VectorReader.Read(ref reader, errors, Vectors.Count > 0 ? Vectors[^1] : null);

    /// <summary>The usage of a call with so many input tokens; null where that is not known. There are no others.</summary>
    public static UsageDetails? UsageOf(long? inputTokens) =>
        inputTokens is { } count ? new UsageDetails { InputTokenCount = count, OutputTokenCount = 0, TotalTokenCount = count } : null;
}
