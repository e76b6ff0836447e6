namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>A slot and how near it is to something.</summary>
/// <param name="Similarity">The cosine.</param>
/// <param name="Slot">The slot.</param>
internal readonly record struct NearSlot(float Similarity, int Slot) : IComparable<NearSlot>
{
    /// <summary>The same for a heap that gives the nearest first.</summary>
    public NearSlot Reversed => new(-Similarity, Slot);

    /// <inheritdoc/>
    public int CompareTo(NearSlot other) => Similarity.CompareTo(other.Similarity);
}

/// <summary>Slots by their similarity, the least one first. In place of PriorityQueue, which is a third slower here.</summary>
internal sealed class SlotHeap
{
    private NearSlot[] _items = new NearSlot[256];

    /// <summary>Slots in it.</summary>
    public int Count { get; private set; }

    /// <summary>The slot of least similarity.</summary>
    public NearSlot First => _items[0];

    /// <summary>Its slots, in no order.</summary>
    public Span<NearSlot> Items => _items.AsSpan(0, Count);

    /// <summary>Empties it.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds a slot.</summary>
    public void Add(NearSlot slot)
    {
        if (Count == _items.Length)
        {
            Array.Resize(ref _items, 2 * Count);
        }

        var place = Count++;
        while (place > 0 && _items[(place - 1) / 2].Similarity > slot.Similarity)
        {
            _items[place] = _items[(place - 1) / 2];
            place = (place - 1) / 2;
        }

        _items[place] = slot;
    }

    /// <summary>Takes the first one out.</summary>
    public NearSlot Take()
    {
        var first = _items[0];
        var last = _items[--Count];
        if (Count > 0)
        {
            Sink(last);
        }

        return first;
    }

    /// <summary>Adds a slot; the least similar one goes where there are more than so many.</summary>
    public void Add(NearSlot slot, int most)
    {
        if (Count < most)
        {
            Add(slot);
        }
        else if (slot.Similarity > _items[0].Similarity)
        {
            Sink(slot);
        }
    }

    // Puts a slot in the place of the first one.
    private void Sink(NearSlot slot)
    {
        var items = _items.AsSpan(0, Count);
        var place = 0;
        while ((2 * place) + 1 is var child && child < items.Length)
        {
            child += child + 1 < items.Length && items[child + 1].Similarity < items[child].Similarity ? 1 : 0;
            if (items[child].Similarity >= slot.Similarity)
            {
                break;
            }

            items[place] = items[child];
            place = child;
        }

        items[place] = slot;
    }
}
