using System.Text.Json;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>Reads a list of embeddings: <c>{"data":[{"index","embedding"}],"model","usage"}</c>, floats or base64.</summary>
internal sealed class OpenAIEmbeddingReader(OpenAIErrors errors) : EmbeddingReader(errors)
{
    private readonly OpenAIErrors _errors = errors;
    private readonly List<int> _places = [];
    private int _modelStart = -1;
    private int _modelLength;

    /// <inheritdoc/>
    public override EmbeddingAnswer Read(ReadOnlyMemory<byte> json)
    {
        var answer = base.Read(json);
        return answer with { Vectors = Ordered(), Payload = new OpenAIPayload(json, _modelStart, _modelLength) };
    }

    /// <inheritdoc/>
    protected override bool ReadMember(ref Utf8JsonReader reader)
    {
        if (reader.Is("data"u8))
        {
            ReadData(ref reader);
        }
        else if (reader.Is("model"u8))
        {
            Model = reader.Text();
            (_modelStart, _modelLength) = Model is null ? (-1, 0) : ((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex));
        }
        else if (reader.Is("usage"u8))
        {
            Usage = OpenAIUsage.Read(ref reader);
            if (Usage is { InputTokenCount: not null })
            {
                // An embedding has no output tokens, and nobody says so.
                Usage.OutputTokenCount ??= 0;
            }
        }
        else
        {
            return false;
        }

        return true;
    }

    private void ReadData(ref Utf8JsonReader reader)
    {
        Vectors.Clear();
        _places.Clear();
        if (!reader.OpenList())
        {
            return;
        }

        while (reader.NextItem())
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw _errors.Malformed("an embedding that is no object");
            }

            float[]? vector = null;
            int? place = null;
            while (reader.NextMember())
            {
                if (reader.Is("embedding"u8))
                {
                    reader.Read();
                    vector = ReadVector(ref reader);
                }
                else if (reader.Is("index"u8))
                {
                    place = reader.Int32();
                }
                else
                {
                    reader.SkipValue();
                }
            }

            Vectors.Add(vector ?? throw _errors.Malformed("an embedding without a vector"));
            _places.Add(place ?? _places.Count);
        }
    }

    // The index counts, not the place in the list.
    private float[][] Ordered()
    {
        var ordered = new float[Vectors.Count][];
        for (var index = 0; index < ordered.Length; index++)
        {
            var place = _places[index];
            if (place < 0 || place >= ordered.Length || ordered[place] is not null)
            {
                throw _errors.Malformed($"an embedding of index {place} among {ordered.Length}, or with that of another");
            }

            ordered[place] = Vectors[index];
        }

        return ordered;
    }
}
