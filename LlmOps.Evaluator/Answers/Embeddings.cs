namespace LlmOps.Evaluator.Answers;

/// <summary>The vectors of texts.</summary>
/// <param name="Vectors">A vector for each text, in their order.</param>
/// <param name="CostUsd">US dollars; null where there is no price.</param>
internal sealed record Embeddings(IReadOnlyList<float[]> Vectors, decimal? CostUsd);
