using System.Numerics.Tensors;
using LlmOps.Gateway.Caching.Semantic.Words;
using LlmOps.Gateway.Providers.Offline.Language;

namespace LlmOps.Gateway.Embeddings;

/// <summary>
/// The built-in embedding: the words of a text in their canonical form, and the three-letter pieces of each, hashed into a
/// vector ("Feature Hashing for Large Scale Multitask Learning", Weinberger et al., 2009). Nothing was learned: texts are near
/// where they have words in common, and it is deterministic, on every machine.
/// </summary>
internal static class OfflineEmbedding
{
    /// <summary>Its name among the models.</summary>
    public const string ModelName = "offline-embedding";

    /// <summary>Length of a vector where nothing else is asked for.</summary>
    public const int DefaultDimensions = 256;

    // What a word counts that is in most sentences, and the pieces of a word beside the word itself. In place of an inverse
    // document frequency, as there is no collection to count in.
    private const float Common = 0.3f;
    private const float Pieces = 0.5f;

    // Longer texts are no questions, and the canonical form takes its time.
    private const int LongestQuestion = 4000;

    /// <summary>Fills a vector of any length from 16 on; its own length is 1, or 0 for a text without any word.</summary>
    public static void Embed(string text, Span<float> vector)
    {
        vector.Clear();
        if (text.Length <= LongestQuestion)
        {
            AddQuestion(vector, CanonicalPrompt.Of(text));
        }
        else
        {
            AddWords(vector, text, 1);
        }

        var length = TensorPrimitives.Norm<float>(vector);
        if (length > 0)
        {
            TensorPrimitives.Divide(vector, length, vector);
        }
    }

    private static void AddQuestion(Span<float> vector, CanonicalPrompt prompt)
    {
        Add(vector, prompt.Type.ToString(), Common);
        foreach (var token in prompt.Tokens)
        {
            AddWord(vector, token.Text.ToLowerInvariant(), 1);
        }

        foreach (var literal in prompt.Literals)
        {
            Add(vector, literal, 1);
            AddWords(vector, literal, 0.5f);
        }
    }

    private static void AddWords(Span<float> vector, string text, float weight)
    {
        foreach (var word in Providers.Offline.Language.Words.Of(text))
        {
            AddWord(vector, word, weight);
        }
    }

    private static void AddWord(Span<float> vector, string word, float weight)
    {
        weight *= StopWords.Contains(word) ? Common : 1;
        Add(vector, word, weight);
        var pieces = word.Length;
        if (pieces < 4)
        {
            return;
        }

        // With the word's begin and end, so that "cat" in "concatenate" is not the word.
        Span<char> piece = stackalloc char[3];
        var each = weight * Pieces / MathF.Sqrt(pieces);
        for (var at = 0; at < pieces; at++)
        {
            piece[0] = at == 0 ? '<' : word[at - 1];
            piece[1] = word[at];
            piece[2] = at + 1 == pieces ? '>' : word[at + 1];
            Add(vector, piece, each);
        }
    }

    // At two places, each with a sign of its own: what two words have in common by chance cancels out.
    private static void Add(Span<float> vector, ReadOnlySpan<char> feature, float weight)
    {
        var hash = Hash(feature);
        vector[(int)((uint)hash % (uint)vector.Length)] += (hash & (1UL << 62)) != 0 ? weight : -weight;
        vector[(int)((uint)(hash >> 31) % (uint)vector.Length)] += (hash & (1UL << 63)) != 0 ? weight : -weight;
    }

    // FNV-1a over UTF-16, with the end of MurmurHash3, as its own upper bits are poor.
    private static ulong Hash(ReadOnlySpan<char> text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53UL;
        return hash ^ (hash >> 33);
    }
}
