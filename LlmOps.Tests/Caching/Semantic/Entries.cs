using LlmOps.Gateway.Accounting;
using LlmOps.Gateway.Caching;
using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Caching.Semantic;

namespace LlmOps.Tests.Caching.Semantic;

/// <summary>Entries that differ in what a test says, and ways to look for them.</summary>
internal static class Entries
{
    public static readonly EmbeddingSpace Space = new("small", 8);
    public static readonly CacheKey Scope = new(1, 2, 3, 4);

    /// <summary>An entry whose vector is its number's, and has nothing to do with that of another.</summary>
    public static SemanticEntry Entry(
        int number, TimeProvider time, EmbeddingSpace? space = null, CacheKey? scope = null, int bytes = 100,
        string tenant = "default", string model = "fast", string? prompt = null, TimeSpan? timeToLive = null)
    {
        var answer = new CachedAnswer(
            Enumerable.Repeat((byte)number, bytes).ToArray(), tenant, model, prompt, "openai", "gpt-4o", new NanoUsd(5), time.GetUtcNow() + (timeToLive ?? TimeSpan.FromHours(1)));
        return new SemanticEntry(new Guid(number, 0, 0, new byte[8]), space ?? Space, scope ?? Scope, $"Question {number}?", Vector(number), answer);
    }

    /// <summary>A number's vector: numbers below 8 have an axis each, others any direction.</summary>
    public static float[] Vector(int number)
    {
        var vector = new float[Space.Dimensions];
        if (number < vector.Length)
        {
            vector[number] = 1;
            return vector;
        }

        var random = new Random(number);
        vector = [.. vector.Select(_ => random.NextSingle() - 0.5f)];
        var length = MathF.Sqrt(vector.Sum(value => value * value));
        return [.. vector.Select(value => value / length)];
    }

    /// <summary>What the store has for a number's vector; null for nothing.</summary>
    public static async Task<SemanticEntry?> FindAsync(this ISemanticStore store, int number, EmbeddingSpace? space = null, CacheKey? scope = null) =>
        (await store.SearchAsync(space ?? Space, scope ?? Scope, Vector(number), 0.999f, 1, CancellationToken.None)) is [var found] ? found.Entry : null;

    /// <summary>Which numbers are found.</summary>
    public static async Task<IReadOnlyList<int>> FoundAsync(this ISemanticStore store, params int[] numbers)
    {
        var found = new List<int>();
        foreach (var number in numbers)
        {
            if (await store.FindAsync(number) is not null)
            {
                found.Add(number);
            }
        }

        return found;
    }
}
