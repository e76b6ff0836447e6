namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>
/// A hierarchical navigable small world graph over vectors of length 1 (Malkov, Yashunin: "Efficient and robust approximate
/// nearest neighbor search using Hierarchical Navigable Small World graphs", 2016/2018), in which slots are used again. Any
/// number of threads search it, and link slots into it, at once.
/// </summary>
/// <remarks>
/// Links are read without a lock: whatever mixture of a list's old and new links is read, all of them lead to slots, and how
/// near these are is computed from their vectors. For the same reason a link that still leads to a slot whose vector is another
/// one by now does no harm but to take a place, which it loses when the list is full and its neighbours are chosen anew.
/// What keeps the graph as good as new when all of its slots were used again was found by measuring (100,000 vectors in
/// clusters, the share of the 10 nearest that is found): layers above the lowest that are searched as widely as the lowest,
/// where the paper follows one slot (82 % with one, 99.95 % with 32); lists that are always filled (99.3 % without); and links
/// that lead past a slot which moves away (99.6 % without).
/// </remarks>
internal sealed class HnswGraph(VectorSlots slots)
{
    // How many of the nearest slots are followed while a new one's neighbours are looked for ("efConstruction"). With 128, linking
    // takes twice as long, and no more is found.
    private const int LinkWidth = 64;

    // The same on the layers above the lowest, also in searches.
    private const int UpperWidth = 32;

    private const int HighestLayer = 15;
    private const long None = -1;

    private readonly HnswLinks _links = new(slots);
    private readonly Lock _entryLock = new();

    // Where every search begins: its highest layer and the slot.
    private long _entry = None;
    private int _drawn;

    /// <summary>Finds the slots with items that are nearest to a vector, into <see cref="SearchSpace.Nearest"/>.</summary>
    /// <param name="query">The vector.</param>
    /// <param name="width">How many of the nearest are followed ("ef"), and found.</param>
    /// <param name="space">Memory for it, with nothing in it.</param>
    public void Search(ReadOnlySpan<float> query, int width, SearchSpace space)
    {
        if (Volatile.Read(ref _entry) is var entry && entry != None)
        {
            var (top, slot) = Split(entry);
            for (var layer = top; layer >= 0; layer--)
            {
                space.ClearVisited(slots.Used);
                SearchLayer(query, slot, layer > 0 ? UpperWidth : width, layer, space);
            }
        }
    }

    /// <summary>Links a slot to its neighbours; one that was linked before, and has another vector now, anew.</summary>
    public void Link(int slot)
    {
        var layer = DrawLayer();
        if (slots.Item(slot) is null || EntryFor(slot, layer) is not { } entry)
        {
            return;
        }

        var space = SearchSpace.Begin(slots.Used);
        Leave(slot, space);
        _links.Put(slot, layer);
        var vector = slots.Vector(slot);
        for (var at = Math.Max(layer, entry.Top); at >= 0; at--)
        {
            space.ClearVisited(slots.Used);
            space.Visit(slot);
            SearchLayer(vector, entry.Slot, at > layer ? UpperWidth : LinkWidth, at, space);
            if (at <= layer)
            {
                // Sorted like that it is still a heap, with which the layer below begins.
                space.Nearest.Items.Sort();
                Connect(slot, at, space.Chosen.AsSpan(0, Choose(space.Nearest.Items, HnswLinks.Most, space.Chosen)), space);
            }
        }

        lock (_entryLock)
        {
            // Where all that can be reached was removed, it begins anew with this one.
            if (space.Nearest.Count == 0 || layer > Split(_entry).Layer)
            {
                Volatile.Write(ref _entry, Join(layer, slot));
            }
        }
    }

    private static (int Layer, int Slot) Split(long entry) => ((int)(entry >> 32), (int)entry);

    private static long Join(int layer, int slot) => ((long)layer << 32) | (uint)slot;

    /// <summary>Where to begin with linking a slot; null where it is the only one, which needs no links.</summary>
    private (int Top, int Slot)? EntryFor(int slot, int layer)
    {
        lock (_entryLock)
        {
            if (_entry != None && Split(_entry).Slot != slot)
            {
                return Split(_entry);
            }

            // It is about to move, so that searches have to begin elsewhere. All slots are looked at, but seldom: of as many
            // linkings as there are slots one comes here.
            var (top, other) = (-1, -1);
            for (var candidate = 0; candidate < slots.Used; candidate++)
            {
                if (candidate != slot && _links.HighestLayer(candidate) is var highest && highest > top)
                {
                    (top, other) = (highest, candidate);
                }
            }

            if (other < 0)
            {
                _links.Put(slot, layer);
                _entry = Join(layer, slot);
                return null;
            }

            Volatile.Write(ref _entry, Join(top, other));
            return (top, other);
        }
    }

    // A layer has a 16th of the slots of the one below. The numbers look random, but are the same each time.
    private int DrawLayer()
    {
        var bits = (ulong)Interlocked.Increment(ref _drawn) * 0x9E3779B97F4A7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        bits ^= bits >> 31;
        return Math.Min(System.Numerics.BitOperations.TrailingZeroCount(bits) / 4, HighestLayer);
    }

    // The paper's algorithm 2, from the slots that were found on the layer above. Slots without an item lead on, but are not found.
    private void SearchLayer(ReadOnlySpan<float> query, int entry, int width, int layer, SearchSpace space)
    {
        var (ahead, nearest) = (space.Ahead, space.Nearest);
        ahead.Clear();
        foreach (var near in nearest.Items)
        {
            space.Visit(near.Slot);
            ahead.Add(near.Reversed);
        }

        if (nearest.Count == 0 && space.Visit(entry))
        {
            Meet(query, entry, width, space);
        }

        while (ahead.Count > 0)
        {
            var next = ahead.Take().Reversed;
            if (nearest.Count >= width && next.Similarity < nearest.First.Similarity)
            {
                break;
            }

            foreach (var slot in space.Links.AsSpan(0, _links.Read(next.Slot, layer, space.Links)))
            {
                if (space.Visit(slot) && _links.IsOn(slot, layer))
                {
                    Meet(query, slot, width, space);
                }
            }
        }
    }

    private void Meet(ReadOnlySpan<float> query, int slot, int width, SearchSpace space)
    {
        var near = new NearSlot(VectorSlots.Similarity(query, slots.Vector(slot)), slot);
        if (space.Nearest.Count < width || near.Similarity > space.Nearest.First.Similarity)
        {
            space.Ahead.Add(near.Reversed);
            if (slots.Item(slot) is not null)
            {
                space.Nearest.Add(near, width);
            }
        }
    }

    // The paper's algorithm 4: a neighbour is one that is nearer to the slot than to any neighbour before it, so that the links
    // lead into all directions; of equal vectors one is linked. What room is left, the nearest of the others have.
    private int Choose(ReadOnlySpan<NearSlot> nearestLast, int most, Span<NearSlot> chosen)
    {
        Span<NearSlot> passedOver = stackalloc NearSlot[nearestLast.Length];
        var (count, passed) = (0, 0);
        for (var at = nearestLast.Length - 1; at >= 0 && count < most; at--)
        {
            var candidate = nearestLast[at];
            if (IsNearerTo(chosen[..count], candidate))
            {
                passedOver[passed++] = candidate;
            }
            else
            {
                chosen[count++] = candidate;
            }
        }

        var filled = Math.Min(passed, most - count);
        passedOver[..filled].CopyTo(chosen[count..]);
        return count + filled;
    }

    private bool IsNearerTo(ReadOnlySpan<NearSlot> chosen, NearSlot candidate)
    {
        var vector = slots.Vector(candidate.Slot);
        foreach (var neighbour in chosen)
        {
            if (VectorSlots.Similarity(vector, slots.Vector(neighbour.Slot)) >= candidate.Similarity)
            {
                return true;
            }
        }

        return false;
    }

    private void Connect(int slot, int layer, ReadOnlySpan<NearSlot> neighbours, SearchSpace space)
    {
        lock (_links.LockOf(slot))
        {
            HnswLinks.Write(_links.List(slot, layer), neighbours);
        }

        foreach (var neighbour in neighbours)
        {
            lock (_links.LockOf(neighbour.Slot))
            {
                AddLink(neighbour.Slot, layer, new NearSlot(neighbour.Similarity, slot), space);
            }
        }
    }

    private void AddLink(int slot, int layer, NearSlot link, SearchSpace space)
    {
        var list = _links.List(slot, layer);
        if (list.IsEmpty || HnswLinks.Of(list).Contains(link.Slot))
        {
            return;
        }

        var count = list[0];
        if (count < list.Length - 1)
        {
            list[count + 1] = link.Slot;
            Volatile.Write(ref list[0], count + 1);
            return;
        }

        // One too many: the neighbours are chosen anew, among all of them.
        var all = space.Choice.AsSpan(0, count + 1);
        var vector = slots.Vector(slot);
        for (var at = 0; at < count; at++)
        {
            all[at] = new NearSlot(VectorSlots.Similarity(vector, slots.Vector(list[at + 1])), list[at + 1]);
        }

        all[count] = link;
        all.Sort();
        Span<NearSlot> chosen = stackalloc NearSlot[HnswLinks.MostLowest];
        HnswLinks.Write(list, chosen[..Choose(all, count, chosen)]);
    }

    private void Leave(int slot, SearchSpace space)
    {
        for (var layer = _links.HighestLayer(slot); layer >= 0; layer--)
        {
            Bridge(slot, layer, space.Links.AsSpan(0, _links.Read(slot, layer, space.Links)));
        }
    }

    /// <summary>Has the former neighbours of a slot that has moved lead past it: each to that other one of them that is nearest to it.</summary>
    private void Bridge(int slot, int layer, ReadOnlySpan<int> neighbours)
    {
        foreach (var neighbour in neighbours)
        {
            lock (_links.LockOf(neighbour))
            {
                var list = _links.List(neighbour, layer);
                var links = list.IsEmpty ? default : HnswLinks.Of(list);
                var place = links.IndexOf(slot);
                if (place < 0)
                {
                    continue;
                }

                if (NearestOther(neighbour, layer, neighbours, slot, links) is >= 0 and var other)
                {
                    links[place] = other;
                }
                else
                {
                    links[place] = links[^1];
                    Volatile.Write(ref list[0], links.Length - 1);
                }
            }
        }
    }

    private int NearestOther(int slot, int layer, ReadOnlySpan<int> others, int except, ReadOnlySpan<int> links)
    {
        var nearest = new NearSlot(float.MinValue, -1);
        foreach (var other in others)
        {
            if (other != slot && other != except && _links.IsOn(other, layer) && !links.Contains(other)
                && VectorSlots.Similarity(slots.Vector(slot), slots.Vector(other)) is var similarity && similarity > nearest.Similarity)
            {
                nearest = new NearSlot(similarity, other);
            }
        }

        return nearest.Slot;
    }
}
