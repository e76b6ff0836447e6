using System.Buffers;
using System.Text.Json;
using LlmOps.Gateway.Pipeline;

namespace LlmOps.Gateway.Providers.OpenAI;

/// <summary>
/// A provider's own JSON, kept beside its typed form so that a caller of the same protocol gets it unaltered
/// but for the model's name: unknown fields, logprobs, audio and further choices survive.
/// </summary>
/// <param name="Json">One completion, or one chunk of a stream.</param>
/// <param name="ModelStart">Where the value of the top-level <c>model</c> starts; -1 when there is none.</param>
/// <param name="ModelLength">Length of that value, its quotes included.</param>
/// <param name="Withheld">Whether the chunk is only there because the gateway asked for usage, which the caller did not.</param>
internal sealed record OpenAIPayload(ReadOnlyMemory<byte> Json, int ModelStart, int ModelLength, bool Withheld = false) : WirePayload(Json)
{
    /// <summary>Bytes that <see cref="WriteTo"/> writes.</summary>
    public int LengthWith(JsonEncodedText model) =>
        ModelStart < 0 ? Json.Length : Json.Length - ModelLength + model.EncodedUtf8Bytes.Length + 2;

    /// <summary>The payload of JSON whose texts were changed.</summary>
    public static OpenAIPayload Of(ReadOnlyMemory<byte> json, bool withheld)
    {
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isModel = reader.ValueTextEquals("model"u8);
            reader.Read();
            if (isModel && reader.TokenType == JsonTokenType.String)
            {
                return new(json, (int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex), withheld);
            }

            reader.Skip();
        }

        return new(json, -1, 0, withheld);
    }

    /// <summary>Writes the JSON with the model named as the caller named it.</summary>
    public void WriteTo(IBufferWriter<byte> output, JsonEncodedText model)
    {
        if (ModelStart < 0)
        {
            output.Write(Json.Span);
            return;
        }

        // One piece: each write to a response takes its lock.
        var name = model.EncodedUtf8Bytes;
        var length = LengthWith(model);
        var target = output.GetSpan(length);
        Json.Span[..ModelStart].CopyTo(target);
        target[ModelStart] = (byte)'"';
        name.CopyTo(target[(ModelStart + 1)..]);
        target[ModelStart + 1 + name.Length] = (byte)'"';
        Json.Span[(ModelStart + ModelLength)..].CopyTo(target[(ModelStart + name.Length + 2)..]);
        output.Advance(length);
    }
}
