namespace LlmOps.Gateway.Embeddings;

/// <summary>Arithmetic of vectors.</summary>
internal static class Vectors
{
    /// <summary>Brings a vector of finite numbers to length 1; false where it has none, which leaves it as it is.</summary>
    public static bool TryNormalize(Span<float> vector)
    {
        var squares = 0.0;
        foreach (var number in vector)
        {
            squares += (double)number * number;
        }

        if (squares == 0)
        {
            return false;
        }

        var scale = 1 / Math.Sqrt(squares);
        foreach (ref var number in vector)
        {
            number = (float)(number * scale);
        }

        return true;
    }
}
