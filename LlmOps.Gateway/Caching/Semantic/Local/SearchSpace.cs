namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>What one search needs of memory; each thread has its own and uses it again.</summary>
internal sealed class SearchSpace
{
    [ThreadStatic]
    private static SearchSpace? _own;

    // A bit for each slot: those of a million lie in the second-level cache, and clearing them takes microseconds.
    private ulong[] _visited = [];

    /// <summary>The slots whose links are still to be followed, reversed.</summary>
    public SlotHeap Ahead { get; } = new();

    /// <summary>The nearest slots found.</summary>
    public SlotHeap Nearest { get; } = new();

    /// <summary>A slot's links.</summary>
    public int[] Links { get; } = new int[HnswLinks.ListLength(0)];

    /// <summary>Slots that are chosen as neighbours.</summary>
    public NearSlot[] Chosen { get; } = new NearSlot[HnswLinks.ListLength(0)];

    /// <summary>Slots that neighbours are chosen from, when a list is full.</summary>
    public NearSlot[] Choice { get; } = new NearSlot[HnswLinks.ListLength(0)];

    /// <summary>This thread's, with nothing in it.</summary>
    public static SearchSpace Begin(int slots)
    {
        var space = _own ??= new SearchSpace();
        space.Nearest.Clear();
        space.ClearVisited(slots);
        return space;
    }

    /// <summary>Forgets which slots were seen.</summary>
    public void ClearVisited(int slots)
    {
        var words = (slots / 64) + 1;
        if (_visited.Length < words)
        {
            _visited = new ulong[Math.Max(words, 2 * _visited.Length)];
        }
        else
        {
            _visited.AsSpan(0, words).Clear();
        }
    }

    /// <summary>Whether a slot is seen for the first time; one that was added only after the search began counts as seen.</summary>
    public bool Visit(int slot)
    {
        var (word, bit) = (slot >> 6, 1UL << slot);
        if (word >= _visited.Length || (_visited[word] & bit) != 0)
        {
            return false;
        }

        _visited[word] |= bit;
        return true;
    }
}
