using LlmOps.Gateway.Caching.Answers;

namespace LlmOps.Gateway.Caching.Semantic;

/// <summary>A question that was answered, with its answer.</summary>
/// <param name="Id">Of the scope and the question: whoever keeps the answer of the same request replaces it.</param>
/// <param name="Space">Which embedding made the vector.</param>
/// <param name="Scope">Hash of all that must be equal for the answer to be given: whose it is, the model, and the whole request but for the question.</param>
/// <param name="Question">The user's text.</param>
/// <param name="Vector">The question's embedding, of length 1.</param>
/// <param name="Answer">The answer.</param>
internal sealed record SemanticEntry(Guid Id, EmbeddingSpace Space, CacheKey Scope, string Question, ReadOnlyMemory<float> Vector, CachedAnswer Answer);

/// <summary>An entry that is near to a question.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Similarity">The cosine of the angle between both vectors, at most 1.</param>
internal readonly record struct SemanticCandidate(SemanticEntry Entry, float Similarity);

/// <summary>Vectors of one embedding model: those of another have nothing to do with them.</summary>
/// <param name="Model">The model, and its version where that is known.</param>
/// <param name="Dimensions">Length of its vectors.</param>
internal sealed record EmbeddingSpace(string Model, int Dimensions);
