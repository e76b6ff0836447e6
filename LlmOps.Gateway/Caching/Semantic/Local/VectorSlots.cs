namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>
/// Vectors of one length in numbered slots, each with the item it stands for and its links in the graph, in chunks that are
/// never moved, so that growing copies nothing large. One thread writes; any number read meanwhile without a lock.
/// </summary>
/// <remarks>
/// A slot's vector changes only while it has no item: whoever finds the same item before and after reading the vector
/// (<see cref="Read"/>) has read that item's vector. Whoever only looks for a way through the graph need not know.
/// </remarks>
internal sealed class VectorSlots(int dimensions)
{
    /// <summary>Slots in a chunk.</summary>
    public const int ChunkSlots = 1 << Shift;

    private const int Shift = 10;
    private const int SmallestChunk = 1;

    private volatile Chunk[] _chunks = [];
    private int _used;
    private long _bytes;
    private bool _hasLinks;

    /// <summary>Slots that were ever used; all numbers are below it.</summary>
    public int Used => Volatile.Read(ref _used);

    /// <summary>Memory that is allocated, in bytes.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The vector in a slot; it may be changing.</summary>
    public ReadOnlySpan<float> Vector(int slot) =>
        _chunks[slot >> Shift].Vectors.AsSpan((slot & (ChunkSlots - 1)) * dimensions, dimensions);

    /// <summary>What is in a slot; null where that was removed.</summary>
    public object? Item(int slot) => Volatile.Read(ref _chunks[slot >> Shift].Items[slot & (ChunkSlots - 1)]);

    /// <summary>The links of a slot on the lowest layer: how many, then to which slots.</summary>
    public Span<int> Links(int slot) =>
        _chunks[slot >> Shift].Links.AsSpan((slot & (ChunkSlots - 1)) * HnswLinks.ListLength(0), HnswLinks.ListLength(0));

    /// <summary>The same for the layers above it, one after the other; null while the slot is not in the graph.</summary>
    public ref int[]? UpperLinks(int slot) => ref _chunks[slot >> Shift].Upper[slot & (ChunkSlots - 1)];

    /// <summary>The item in a slot and its similarity to a vector, which belong together; none where it was removed.</summary>
    public (object? Item, float Similarity) Read(int slot, ReadOnlySpan<float> query)
    {
        while (Item(slot) is { } item)
        {
            var similarity = Similarity(query, Vector(slot));
            Volatile.ReadBarrier();
            if (Item(slot) == item)
            {
                return (item, similarity);
            }
        }

        return default;
    }

    /// <summary>The cosine of the angle between vectors of length 1.</summary>
    public static float Similarity(ReadOnlySpan<float> one, ReadOnlySpan<float> other) => System.Numerics.Tensors.TensorPrimitives.Dot(one, other);

    /// <summary>Puts an item into a new slot.</summary>
    public int Add(object item, ReadOnlySpan<float> vector)
    {
        var slot = _used;
        Reserve(slot);
        Set(slot, item, vector);
        Volatile.Write(ref _used, slot + 1);
        return slot;
    }

    /// <summary>Puts an item into a slot that has none.</summary>
    public void Set(int slot, object item, ReadOnlySpan<float> vector)
    {
        var (chunk, place) = (_chunks[slot >> Shift], slot & (ChunkSlots - 1));

        // Not before the item that was there is gone for everyone.
        Volatile.WriteBarrier();
        vector.CopyTo(chunk.Vectors.AsSpan(place * dimensions, dimensions));
        Volatile.Write(ref chunk.Items[place], item);
    }

    /// <summary>Takes the item out of a slot; its vector stays.</summary>
    public void Remove(int slot) => Volatile.Write(ref _chunks[slot >> Shift].Items[slot & (ChunkSlots - 1)], null);

    /// <summary>Makes room for links.</summary>
    public void AddLinks()
    {
        _hasLinks = true;
        foreach (var chunk in _chunks)
        {
            AddLinks(chunk);
        }
    }

    /// <summary>Takes the links of a slot above the lowest layer.</summary>
    public void SetUpperLinks(int slot, int[] links)
    {
        ref var place = ref UpperLinks(slot);
        Interlocked.Add(ref _bytes, sizeof(int) * (links.Length - (place?.Length ?? 0)));
        Volatile.Write(ref place, links);
    }

    private void Reserve(int slot)
    {
        var (index, place) = (slot >> Shift, slot & (ChunkSlots - 1));
        if (index == _chunks.Length)
        {
            // The first one begins small: most partitions have few entries.
            var chunk = NewChunk(index == 0 ? SmallestChunk : ChunkSlots);
            _chunks = [.. _chunks, chunk];
        }
        else if (place == _chunks[index].Items.Length)
        {
            // There are no links yet that could be written to the old one meanwhile.
            var (before, chunk) = (_chunks[index], NewChunk(2 * place));
            before.Vectors.CopyTo(chunk.Vectors, 0);
            before.Items.CopyTo(chunk.Items, 0);
            Interlocked.Add(ref _bytes, -BytesOf(place));
            _chunks = [chunk];
        }
    }

    private Chunk NewChunk(int slots)
    {
        var chunk = new Chunk(new float[slots * dimensions], new object?[slots]);
        Interlocked.Add(ref _bytes, BytesOf(slots));
        if (_hasLinks)
        {
            AddLinks(chunk);
        }

        return chunk;
    }

    private void AddLinks(Chunk chunk)
    {
        chunk.Links = new int[chunk.Items.Length * HnswLinks.ListLength(0)];
        chunk.Upper = new int[]?[chunk.Items.Length];
        Interlocked.Add(ref _bytes, (sizeof(int) * chunk.Links.Length) + (IntPtr.Size * chunk.Upper.Length));
    }

    private long BytesOf(int slots) => slots * ((sizeof(float) * dimensions) + IntPtr.Size);

    private sealed class Chunk(float[] vectors, object?[] items)
    {
        public float[] Vectors { get; } = vectors;

        public object?[] Items { get; } = items;

        public int[] Links { get; set; } = [];

        public int[]?[] Upper { get; set; } = [];
    }
}
