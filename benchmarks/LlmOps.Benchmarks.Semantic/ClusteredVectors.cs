namespace LlmOps.Benchmarks.Semantic;

/// <summary>
/// Vectors of length 1 that lie as those of questions do: in topics, in subjects within these, and questions about a subject
/// around it. The same ones for the same seed.
/// </summary>
internal sealed class ClusteredVectors
{
    private const int Topics = 500;
    private const int QuestionsPerSubject = 25;

    // Lengths beside the topic's of 1: two questions about a subject have a cosine of about 0.83, two about a topic 0.5.
    private const float SubjectSpread = 0.8f;
    private const float QuestionSpread = 0.6f;
    private const float ParaphraseSpread = 0.35f;

    private readonly Random _random;
    private readonly float[][] _subjects;

    public ClusteredVectors(int entries, int dimensions, int seed)
    {
        _random = new Random(seed);
        var topics = Enumerable.Range(0, Topics).Select(_ => Near(new float[dimensions], 1)).ToArray();
        _subjects = [.. Enumerable.Range(0, Math.Max(1, entries / QuestionsPerSubject)).Select(_ => Near(topics[_random.Next(Topics)], SubjectSpread))];
    }

    /// <summary>A question about some subject.</summary>
    public float[] Question() => Normalized(Near(_subjects[_random.Next(_subjects.Length)], QuestionSpread));

    /// <summary>The same question in other words, with a cosine of about 0.94.</summary>
    public float[] Paraphrase(ReadOnlySpan<float> question) => Normalized(Near(question, ParaphraseSpread));

    private static float[] Normalized(float[] vector)
    {
        var length = MathF.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => value / length)];
    }

    // Somewhere at about that distance.
    private float[] Near(ReadOnlySpan<float> centre, float distance)
    {
        var vector = new float[centre.Length];
        var scale = distance / MathF.Sqrt(vector.Length);
        for (var place = 0; place < vector.Length; place++)
        {
            // Box and Muller's.
            var normal = MathF.Sqrt(-2 * MathF.Log(1 - _random.NextSingle())) * MathF.Cos(2 * MathF.PI * _random.NextSingle());
            vector[place] = centre[place] + (scale * normal);
        }

        return vector;
    }
}
