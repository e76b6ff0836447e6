namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>An entry in memory. Its vector lies in the index of its partition only.</summary>
internal sealed class LocalEntry(SemanticEntry entry, LocalPartition partition)
{
    // What an entry takes beside its texts and its vector: objects and their places in tables and queues.
    private const int Overhead = 256;

    private volatile SemanticEntry? _entry = entry with { Vector = default };

    /// <summary>The entry without its vector; null when it is gone, though queues may have it still.</summary>
    public SemanticEntry? Entry => _entry;

    /// <summary>Its id.</summary>
    public Guid Id { get; } = entry.Id;

    /// <summary>Where it is found.</summary>
    public LocalPartition Partition => partition;

    /// <summary>Where its vector is in the partition's index.</summary>
    public int Slot { get; set; }

    /// <summary>Its place among all entries, by age.</summary>
    public LinkedListNode<LocalEntry>? Place { get; set; }

    /// <summary>The memory that it takes, in bytes.</summary>
    public long Bytes { get; } = BytesOf(entry);

    /// <summary>The memory that an entry takes, in bytes.</summary>
    public static long BytesOf(SemanticEntry entry) =>
        entry.Answer.Size + (sizeof(char) * (long)entry.Question.Length) + VectorIndex<LocalEntry>.BytesPerItem(entry.Space.Dimensions) + Overhead;

    /// <summary>Lets go of what it holds.</summary>
    public void Drop() => _entry = null;
}
