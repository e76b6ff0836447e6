using LlmOps.Gateway.Caching.Answers;
using LlmOps.Gateway.Embeddings;

namespace LlmOps.Gateway.Caching.Semantic;

/// <summary>What the semantic cache is to one request, and what came of it.</summary>
/// <param name="Mode">On or Shadow.</param>
/// <param name="Reads">Whether it may be answered.</param>
/// <param name="Scope">All that must be equal.</param>
/// <param name="Question">What the user asks.</param>
/// <param name="Generation">What had been cleared when it was asked: an answer from before a later clearing is not kept.</param>
internal sealed record SemanticUse(SemanticMode Mode, bool Reads, CacheKey Scope, string Question, string Generation)
{
    /// <summary>The question's embedding; null while there is none.</summary>
    public TextEmbedding? Embedding { get; set; }

    /// <summary>How near the answered question was that was given, or would have been, or else the nearest one; null where none was near.</summary>
    public float? Similarity { get; set; }

    /// <summary>Why the nearest one's answer was not given; null where it was, or none was near.</summary>
    public string? Refusal { get; set; }

    /// <summary>The answer that would have been given, in shadow mode; null for none.</summary>
    public CachedAnswer? WouldBe { get; set; }
}
