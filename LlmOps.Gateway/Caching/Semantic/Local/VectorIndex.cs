using System.Collections.Concurrent;

namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>An item that is near to a vector.</summary>
/// <param name="Item">The item.</param>
/// <param name="Similarity">The cosine of the angle between both vectors.</param>
internal readonly record struct VectorMatch<T>(T Item, float Similarity);

/// <summary>
/// Finds the items whose vectors are nearest to one. While there are few, all of them are compared; then a graph leads to them
/// (<see cref="HnswGraph"/>), beside which those are compared that are not linked into it yet. Thread-safe; searches wait for
/// nobody.
/// </summary>
/// <remarks>
/// Adding puts an item where searches find it, and takes microseconds. Linking takes about a millisecond for each
/// item, and is left to whoever calls <see cref="Link"/>. A removed item's slot is the next one's.
/// </remarks>
internal sealed class VectorIndex<T>(int dimensions)
    where T : class
{
    /// <summary>From so many slots on there is a graph: comparing 5,000 vectors of 256 dimensions takes as long as a search in it.</summary>
    public const int GraphFrom = 4096;

    // How many of the nearest are followed ("ef"). With 64 a search takes four fifths of the time, and finds as many in a graph that
    // is new, but some fewer in one whose slots were used again.
    private const int SearchWidth = 128;

    // So many more than asked for are held of those that are compared, as some may be removed meanwhile.
    private const int Spare = 16;

    // Slots for each thread that links, before they are all taken off the list: what is taken off is not compared any more.
    private const int LinkedAtOnce = 64;

    private readonly VectorSlots _slots = new(dimensions);
    private readonly Stack<int> _free = new();
    private readonly Lock _writing = new();
    private readonly Lock _linking = new();

    private volatile int _freeCount;

    // There are many indexes that never need them. A slot may be on the list twice.
    private volatile HnswGraph? _graph;
    private ConcurrentQueue<int> _unlinked = null!;
    private int _unlinkedCount;

    /// <summary>Items in it.</summary>
    public int Count => _slots.Used - _freeCount;

    /// <summary>Slots for items, those of removed ones among them.</summary>
    public int Slots => _slots.Used;

    /// <summary>Items that are compared each time, beside the graph, as they are not linked into it yet; 0 while there is none.</summary>
    public int Unlinked => Volatile.Read(ref _unlinkedCount);

    /// <summary>Memory that is allocated for vectors and links, in bytes.</summary>
    public long Bytes => _slots.Bytes + (_unlinkedCount * 2L * sizeof(int));

    /// <summary>Memory that an item takes, in bytes, without the item itself.</summary>
    public static int BytesPerItem(int dimensions) => (sizeof(float) * (dimensions + HnswLinks.ListLength(0))) + (4 * IntPtr.Size);

    /// <summary>Adds an item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="vector">Its vector, of length 1.</param>
    /// <returns>The slot to remove it by.</returns>
    public int Add(T item, ReadOnlySpan<float> vector)
    {
        lock (_writing)
        {
            if (_free.TryPop(out var slot))
            {
                _freeCount--;
                _slots.Set(slot, item, vector);
            }
            else
            {
                slot = _slots.Add(item, vector);
            }

            if (_graph is not null)
            {
                Await(slot);
            }
            else if (_slots.Used > GraphFrom)
            {
                _slots.AddLinks();
                _unlinked = new ConcurrentQueue<int>(Enumerable.Range(0, _slots.Used));
                _unlinkedCount = _slots.Used;
                _graph = new HnswGraph(_slots);
            }

            return slot;
        }
    }

    /// <summary>Removes the item in a slot.</summary>
    public void Remove(int slot)
    {
        lock (_writing)
        {
            _slots.Remove(slot);
            _free.Push(slot);
            _freeCount++;
        }
    }

    /// <summary>Links what is not linked yet.</summary>
    /// <param name="threads">How many threads may do so.</param>
    /// <param name="cancellationToken">Leaves the rest for another time.</param>
    public void Link(int threads, CancellationToken cancellationToken)
    {
        lock (_linking)
        {
            while (_graph is { } graph && Unlinked is > 0 and var left && !cancellationToken.IsCancellationRequested)
            {
                // They stay on the list while they are being linked, as searches may not find them otherwise.
                var some = threads > 1 ? _unlinked.Take(Math.Min(left, threads * LinkedAtOnce)).ToArray() : _unlinked.TryPeek(out var one) ? [one] : [];
                if (some.Length == 1)
                {
                    graph.Link(some[0]);
                }
                else
                {
                    Parallel.ForEach(some, new ParallelOptions { MaxDegreeOfParallelism = threads }, graph.Link);
                }

                for (var linked = 0; linked < some.Length; linked++)
                {
                    _unlinked.TryDequeue(out _);
                }

                Interlocked.Add(ref _unlinkedCount, -some.Length);
            }
        }
    }

    /// <summary>The items that are nearest to a vector, nearest first.</summary>
    /// <param name="query">The vector, of length 1.</param>
    /// <param name="limit">Most items.</param>
    /// <param name="threshold">Least similarity.</param>
    public List<VectorMatch<T>> Search(ReadOnlySpan<float> query, int limit, float threshold = -1)
    {
        var used = _slots.Used;
        var space = SearchSpace.Begin(used);
        if (_graph is not { } graph || used - Unlinked < GraphFrom)
        {
            for (var slot = 0; slot < used; slot++)
            {
                Compare(query, slot, limit + Spare, threshold, space);
            }
        }
        else
        {
            // What is on the list at the beginning: what is linked only afterwards may be missed by the search in the graph.
            var unlinked = Unlinked == 0 ? null : _unlinked.GetEnumerator();
            graph.Search(query, Math.Max(SearchWidth, limit), space);
            while (unlinked?.MoveNext() == true)
            {
                if (space.Visit(unlinked.Current))
                {
                    Compare(query, unlinked.Current, Math.Max(SearchWidth, limit), threshold, space);
                }
            }
        }

        return Matches(query, limit, threshold, space.Nearest.Items);
    }

    /// <summary>The same items in an index without the slots of those that were removed. Nothing may be added or removed meanwhile.</summary>
    /// <param name="moved">Called with each item and its slot there.</param>
    public VectorIndex<T> Compact(Action<T, int> moved)
    {
        var index = new VectorIndex<T>(dimensions);
        for (var slot = 0; slot < _slots.Used; slot++)
        {
            if (_slots.Item(slot) is T item)
            {
                moved(item, index.Add(item, _slots.Vector(slot)));
            }
        }

        return index;
    }

    /// <summary>The vector in a slot.</summary>
    public ReadOnlySpan<float> Vector(int slot) => _slots.Vector(slot);

    private void Compare(ReadOnlySpan<float> query, int slot, int limit, float threshold, SearchSpace space)
    {
        if (_slots.Item(slot) is not null && VectorSlots.Similarity(query, _slots.Vector(slot)) is var similarity && similarity >= threshold)
        {
            space.Nearest.Add(new NearSlot(similarity, slot), limit);
        }
    }

    // What was found may have been removed meanwhile, and the slot be another item's.
    private List<VectorMatch<T>> Matches(ReadOnlySpan<float> query, int limit, float threshold, Span<NearSlot> found)
    {
        found.Sort(static (one, other) => other.CompareTo(one));
        var matches = new List<VectorMatch<T>>(Math.Min(limit, found.Length));
        foreach (var near in found)
        {
            if (matches.Count == limit || near.Similarity < threshold)
            {
                break;
            }

            if (_slots.Read(near.Slot, query) is (T item, var similarity) && similarity >= threshold)
            {
                matches.Add(new VectorMatch<T>(item, similarity));
            }
        }

        matches.Sort(static (one, other) => other.Similarity.CompareTo(one.Similarity));
        return matches;
    }

    private void Await(int slot)
    {
        _unlinked.Enqueue(slot);
        Interlocked.Increment(ref _unlinkedCount);
    }
}
