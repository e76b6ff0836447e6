namespace LlmOps.Gateway.Caching.Semantic;

/// <summary>Where answered questions are kept by their vectors: in this process, or in Qdrant.</summary>
internal interface ISemanticStore
{
    /// <summary>What X-LlmOps-Degraded and /health call it.</summary>
    string Name { get; }

    /// <summary>Whether other replicas keep and clear entries there too.</summary>
    bool IsShared { get; }

    /// <summary>Entries that are kept in this process; null where they are elsewhere.</summary>
    int? Count { get; }

    /// <summary>The memory that they take, in bytes; null where they are elsewhere.</summary>
    long? Bytes { get; }

    /// <summary>Entries that were given up, as they came faster than they could be written, or could not be.</summary>
    long Dropped { get; }

    /// <summary>The entries of a scope that are nearest to a vector and not over their time, nearest first; null where the store does not say.</summary>
    /// <param name="space">The embedding that made the vector.</param>
    /// <param name="scope">What must be equal.</param>
    /// <param name="vector">The vector, of length 1.</param>
    /// <param name="threshold">Least similarity.</param>
    /// <param name="limit">Most entries.</param>
    /// <param name="cancellationToken">Cancelled when the caller has left.</param>
    ValueTask<IReadOnlyList<SemanticCandidate>?> SearchAsync(
        EmbeddingSpace space, CacheKey scope, ReadOnlyMemory<float> vector, float threshold, int limit, CancellationToken cancellationToken);

    /// <summary>Keeps an entry; one with the same id is replaced. One that cannot be kept is dropped.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="isCurrent">Whether nothing was cleared since it was asked for. It is looked at when the entry is kept, and a clearing that comes later removes it.</param>
    Task KeepAsync(SemanticEntry entry, Func<bool> isCurrent);

    /// <summary>Forgets one entry.</summary>
    Task RemoveAsync(EmbeddingSpace space, Guid id);

    /// <summary>Forgets the entries of a scope as <see cref="Answers.CacheGenerations"/> writes it: all, tenant:NAME, model:NAME, prompt:NAME.</summary>
    /// <returns>Whether that is done; else it is tried again, and nothing is found until it is.</returns>
    Task<bool> ClearAsync(string scope);
}
