namespace LlmOps.Tests.Caching.Semantic;

/// <summary>Vectors of length 1 around centres, as those of questions are; the same ones each time.</summary>
internal sealed class ClusteredVectors(int dimensions, int clusters, int seed)
{
    private const float Spread = 0.6f;
    private const float ParaphraseSpread = 0.35f;

    private readonly Random _random = new(seed);
    private readonly List<float[]> _centres = [];

    /// <summary>A vector in some cluster.</summary>
    public float[] Next()
    {
        while (_centres.Count < clusters)
        {
            _centres.Add(Near(new float[dimensions], 1));
        }

        return Normalized(Near(_centres[_random.Next(clusters)], Spread));
    }

    /// <summary>A vector near to another.</summary>
    public float[] Near(float[] vector) => Normalized(Near(vector, ParaphraseSpread));

    private static float[] Normalized(float[] vector)
    {
        var length = MathF.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => value / length)];
    }

    private float[] Near(float[] centre, float distance) => [.. centre.Select(value => value + (distance / MathF.Sqrt(dimensions) * Normal()))];

    // Box and Muller's.
    private float Normal() => MathF.Sqrt(-2 * MathF.Log(1 - _random.NextSingle())) * MathF.Cos(2 * MathF.PI * _random.NextSingle());
}
