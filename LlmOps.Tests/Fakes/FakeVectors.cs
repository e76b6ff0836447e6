using System.Text.Json;
using System.Text.Json.Nodes;

namespace LlmOps.Tests.Fakes;

/// <summary>An embedding model as a test describes it; the fakes of its providers speak their protocols for it.</summary>
internal sealed record FakeVectors
{
    /// <summary>Length of the vectors where the request asks for none.</summary>
    public int Dimensions { get; init; } = 8;

    /// <summary>Words of the longest text that the model takes.</summary>
    public int MostWords { get; init; } = 512;

    /// <summary>False for a server that never tells how many tokens it counted.</summary>
    public bool CountsTokens { get; init; } = true;

    /// <summary>What a server sends that does not send its vectors as it should.</summary>
    public Func<float[][], float[][]> Send { get; init; } = vectors => vectors;

    /// <summary>The vector of a text: of no meaning, but always the same.</summary>
    public float[] Of(string text, int? dimensions = null)
    {
        Random random = new(text.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter)));
        float[] vector = [.. Enumerable.Range(0, dimensions ?? Dimensions).Select(_ => (random.NextSingle() * 2) - 1)];
        double length = Math.Sqrt(vector.Sum(number => (double)number * number));
        return [.. vector.Select(number => (float)(number / length))];
    }

    /// <summary>What is sent for these texts.</summary>
    public float[][] For(IEnumerable<string> texts, double? dimensions) => Send([.. texts.Select(text => Of(text, (int?)dimensions))]);

    /// <summary>A word is a token.</summary>
    public static int Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

    /// <summary>The first text that is too long; null when none is.</summary>
    public string? TooLong(IEnumerable<string> texts) => texts.FirstOrDefault(text => Words(text) > MostWords);

    /// <summary>A vector as JSON.</summary>
    public static JsonArray Json(float[] vector) => [.. vector.Select(number => JsonValue.Create(number))];

    /// <summary>A text, or the texts of a list; null for anything else.</summary>
    public static IReadOnlyList<string>? Texts(JsonElement input) => input.ValueKind switch
    {
        JsonValueKind.String => [input.GetString()!],
        JsonValueKind.Array when input.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => [.. input.EnumerateArray().Select(item => item.GetString()!)],
        _ => null,
    };
}
