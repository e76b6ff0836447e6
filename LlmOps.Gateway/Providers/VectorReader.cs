using System.Buffers.Binary;
using System.Text.Json;

namespace LlmOps.Gateway.Providers;

/// <summary>Reads a vector of a provider's answer: a list of numbers, or base64 of little-endian 32-bit floats.</summary>
internal static class VectorReader
{
    private const int UsualLength = 1024;

    /// <summary>The vector that the reader stands on, and then on its last token.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="errors">How the provider's failures are told.</param>
    /// <param name="before">The vector before it, which is as long; null where there is none.</param>
    /// <exception cref="Errors.ProviderException">It is something else, or has a number that is not finite.</exception>
    public static float[] Read(ref Utf8JsonReader reader, ProviderErrors errors, float[]? before) => reader.TokenType switch
    {
        JsonTokenType.StartArray => ReadNumbers(ref reader, errors, before?.Length ?? UsualLength),
        JsonTokenType.String => ReadBase64(ref reader, errors),
        _ => throw errors.Malformed("an embedding that is no vector"),
    };

    private static float[] ReadNumbers(ref Utf8JsonReader reader, ProviderErrors errors, int length)
    {
        var vector = new float[length];
        var count = 0;
        while (reader.NextItem())
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetSingle(out var number))
            {
                throw errors.Malformed("an embedding that is no vector of numbers");
            }

            if (count == vector.Length)
            {
                Array.Resize(ref vector, Math.Max(count * 2, UsualLength));
            }

            vector[count++] = number;
        }

        Array.Resize(ref vector, count);
        return Checked(vector, errors);
    }

    private static float[] ReadBase64(ref Utf8JsonReader reader, ProviderErrors errors)
    {
        if (!reader.TryGetBytesFromBase64(out var bytes) || bytes.Length % sizeof(float) != 0)
        {
            throw errors.Malformed("an embedding that is no vector in base64");
        }

        var vector = new float[bytes.Length / sizeof(float)];
        for (var index = 0; index < vector.Length; index++)
        {
            vector[index] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(index * sizeof(float)));
        }

        return Checked(vector, errors);
    }

    private static float[] Checked(float[] vector, ProviderErrors errors)
    {
        foreach (var number in vector)
        {
            if (!float.IsFinite(number))
            {
                throw errors.Malformed("an embedding with a number that is not finite");
            }
        }

        return vector;
    }
}
