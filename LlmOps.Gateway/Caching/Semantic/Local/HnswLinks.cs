namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>Which slots lead to which, layer by layer. Read by any number of threads; a slot's links are written under its lock.</summary>
internal sealed class HnswLinks(VectorSlots slots)
{
    /// <summary>Most links of a slot on a layer; as the paper advises for vectors of many dimensions.</summary>
    public const int Most = 16;

    /// <summary>The same on the lowest layer, where all slots are.</summary>
    public const int MostLowest = 2 * Most;

    private const int LockCount = 64;

    private readonly Lock[] _locks = [.. Enumerable.Range(0, LockCount).Select(_ => new Lock())];

    /// <summary>Integers that a slot's links on a layer take: how many there are, and room for them.</summary>
    public static int ListLength(int layer) => 1 + (layer == 0 ? MostLowest : Most);

    /// <summary>The links in a list.</summary>
    public static Span<int> Of(Span<int> list) => list.Slice(1, list[0]);

    /// <summary>Writes links to a list; to none where it is empty.</summary>
    public static void Write(Span<int> list, ReadOnlySpan<NearSlot> links)
    {
        if (!list.IsEmpty)
        {
            for (var at = 0; at < links.Length; at++)
            {
                list[at + 1] = links[at].Slot;
            }

            Volatile.Write(ref list[0], links.Length);
        }
    }

    /// <summary>Puts a slot on the layers up to one, without links above the lowest.</summary>
    public void Put(int slot, int layer) => slots.SetUpperLinks(slot, layer == 0 ? [] : new int[layer * ListLength(layer)]);

    /// <summary>The highest layer that a slot is on; -1 while it is on none.</summary>
    public int HighestLayer(int slot) => Volatile.Read(ref slots.UpperLinks(slot)) is { } links ? links.Length / ListLength(1) : -1;

    /// <summary>Whether a slot is on a layer. On the lowest one all of them are that anything leads to.</summary>
    public bool IsOn(int slot, int layer) => layer == 0 || HighestLayer(slot) >= layer;

    /// <summary>A slot's links on a layer, for whoever has its lock: how many, then to which slots. Empty where it is not on the layer.</summary>
    public Span<int> List(int slot, int layer)
    {
        if (layer == 0)
        {
            return slots.Links(slot);
        }

        var length = ListLength(layer);
        return Volatile.Read(ref slots.UpperLinks(slot)) is { } links && links.Length >= layer * length ? links.AsSpan((layer - 1) * length, length) : default;
    }

    /// <summary>Copies a slot's links on a layer, and returns how many there are.</summary>
    public int Read(int slot, int layer, Span<int> into)
    {
        var list = List(slot, layer);
        if (list.IsEmpty)
        {
            return 0;
        }

        var count = Volatile.Read(ref list[0]);
        list.Slice(1, count).CopyTo(into);

        // A link to a slot of a new chunk is not followed before the chunk is there to be read.
        Volatile.ReadBarrier();
        return count;
    }

    /// <summary>The lock of a slot's links; it may be that of another slot as well.</summary>
    public Lock LockOf(int slot) => _locks[slot % LockCount];
}
