namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>The entries of one scope and one embedding: what is looked for in one of them cannot be found in another.</summary>
internal sealed class LocalPartition(LocalPartition.Name key)
{
    /// <summary>The memory that one takes beside its entries, in bytes.</summary>
    public const int Overhead = 400;

    // An index of few entries in many slots takes memory that nobody counts, and time to search. Below so many slots it is small.
    private const int LeastCompacted = 64;
    private const int CompactedShare = 4;

    private volatile VectorIndex<LocalEntry> _index = new(key.Space.Dimensions);
    private volatile bool _isWaiting;

    /// <summary>Which one it is.</summary>
    public Name Key => key;

    /// <summary>Its entries by their vectors.</summary>
    public VectorIndex<LocalEntry> Index => _index;

    /// <summary>Adds an entry.</summary>
    /// <returns>Whether somebody has to be told to <see cref="Link"/>.</returns>
    public bool Add(LocalEntry entry, ReadOnlySpan<float> vector)
    {
        entry.Slot = _index.Add(entry, vector);
        return MustTell();
    }

    /// <summary>Removes an entry.</summary>
    /// <returns>Whether somebody has to be told to <see cref="Link"/>.</returns>
    public bool Remove(LocalEntry entry)
    {
        _index.Remove(entry.Slot);
        if (_index.Slots >= LeastCompacted && _index.Count < _index.Slots / CompactedShare)
        {
            _index = _index.Compact(static (moved, slot) => moved.Slot = slot);
        }

        return MustTell();
    }

    /// <summary>Links what is new.</summary>
    public void Link(int threads, CancellationToken cancellationToken)
    {
        _isWaiting = false;
        _index.Link(threads, cancellationToken);
    }

    private bool MustTell()
    {
        if (_index.Unlinked == 0 || _isWaiting)
        {
            return false;
        }

        _isWaiting = true;
        return true;
    }

    /// <summary>What is equal for all entries of a partition.</summary>
    internal readonly record struct Name(EmbeddingSpace Space, CacheKey Scope);
}
