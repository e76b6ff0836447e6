using System.Text.Json;
using LlmOps.Gateway.Errors;
using Microsoft.Extensions.AI;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>A completion, or a chunk of one, as OpenAI and compatible servers write it.</summary>
internal sealed class OpenAIAnswer
{
    /// <summary>Most choices of an answer; far above what the protocol allows, so that a provider cannot make us search long lists.</summary>
    public const int MostChoices = 128;

    private readonly ReadOnlyMemory<byte> _json;
    private readonly bool _ofStream;
    private int _modelStart = -1;
    private int _modelLength;

    private OpenAIAnswer(ReadOnlyMemory<byte> json, bool ofStream) => (_json, _ofStream) = (json, ofStream);

    /// <summary>The answer's id.</summary>
    public string? Id { get; private set; }

    /// <summary>The model that answered.</summary>
    public string? Model { get; private set; }

    /// <summary>When it began.</summary>
    public DateTimeOffset? CreatedAt { get; private set; }

    /// <summary>The service tier that answered, where it is not the standard one: it may have prices of its own.</summary>
    public string? Tier { get; private set; }

    /// <summary>The tokens it took; null where it does not say.</summary>
    public UsageDetails? Usage { get; private set; }

    /// <summary>Its choices; null where there is no list of them.</summary>
    public List<OpenAIChoice>? Choices { get; private set; }

    /// <summary>Reads one from its bytes, in one pass.</summary>
    /// <param name="errors">The provider's failures.</param>
    /// <param name="json">The bytes.</param>
    /// <param name="ofStream">Whether it is a chunk.</param>
    /// <exception cref="ProviderException">It tells a failure, or is not an answer.</exception>
    public static OpenAIAnswer Read(OpenAIErrors errors, ReadOnlyMemory<byte> json, bool ofStream)
    {
        var answer = new OpenAIAnswer(json, ofStream);
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || answer.ReadMembers(ref reader, errors))
            {
                // Throws, unless what looked like a failure says nothing.
                errors.Parse(json).Dispose();
            }
            else
            {
                // Nothing may follow.
                reader.Read();
            }
        }
        catch (JsonException exception)
        {
            throw errors.Malformed("something that is not valid JSON", exception);
        }

        return answer;
    }

    /// <summary>The bytes, with the place of the model's name in them.</summary>
    /// <param name="withheld">Whether the caller is not to get them.</param>
    public OpenAIPayload Payload(bool withheld = false) => new(_json, _modelStart, _modelLength, withheld);

    /// <summary>What is to be known besides the typed form.</summary>
    public AdditionalPropertiesDictionary? Properties() =>
        Tier is null ? null : new() { [Pipeline.MessageProperties.ServiceTier] = Tier };

    // Whether there is something that may tell a failure.
    private bool ReadMembers(ref Utf8JsonReader reader, OpenAIErrors errors)
    {
        var failure = false;
        UsageDetails? groqUsage = null;
        while (reader.NextMember())
        {
            if (reader.Is("choices"u8))
            {
                ReadChoices(ref reader, errors);
            }
            else if (reader.Is("id"u8))
            {
                Id = reader.Text();
            }
            else if (reader.Is("model"u8))
            {
                ReadModel(ref reader);
            }
            else if (reader.Is("created"u8))
            {
                CreatedAt = reader.Integer() is >= 0 and < 253_402_300_800 and var seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
            }
            else if (reader.Is("usage"u8))
            {
                Usage = OpenAIUsage.Read(ref reader);
            }
            else if (reader.Is("service_tier"u8))
            {
                Tier = reader.Text() is { } tier and not "default" ? tier : null;
            }
            else if (reader.Is("error"u8))
            {
                failure |= reader.HasValue();
            }
            else if (reader.Is("x_groq"u8))
            {
                failure |= ReadGroq(ref reader, ref groqUsage);
            }
            else
            {
                reader.SkipValue();
            }
        }

        Usage ??= groqUsage;
        return failure;
    }

    private void ReadModel(ref Utf8JsonReader reader)
    {
        Model = reader.Text();
        (_modelStart, _modelLength) = Model is null ? (-1, 0) : ((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex));
    }

    // Groq's streams have usage, and errors, in a place of their own.
    private static bool ReadGroq(ref Utf8JsonReader reader, ref UsageDetails? usage)
    {
        var failure = false;
        if (reader.OpenObject())
        {
            while (reader.NextMember())
            {
                if (reader.Is("usage"u8))
                {
                    usage = OpenAIUsage.Read(ref reader);
                }
                else if (reader.Is("error"u8))
                {
                    failure |= reader.HasValue();
                }
                else
                {
                    reader.SkipValue();
                }
            }
        }

        return failure;
    }

    private void ReadChoices(ref Utf8JsonReader reader, OpenAIErrors errors)
    {
        Choices = null;
        if (!reader.OpenList())
        {
            return;
        }

        Choices = new List<OpenAIChoice>(1);
        while (reader.NextItem())
        {
            Choices.Add(OpenAIChoice.Read(ref reader, _json, _ofStream));
            if (Choices.Count > MostChoices)
            {
                throw errors.Malformed($"more than {MostChoices} choices");
            }
        }
    }
}
