namespace LlmOps.Gateway.Caching.Answers;

/// <summary>
/// The entries by their keys. In place of a ConcurrentDictionary: all changes are made under one lock as it is, and an object
/// less for each answer is a fifth less work for the garbage collector. Who looks up takes no lock; while the table grows it
/// may miss what is there.
/// </summary>
internal sealed class MemoryTable
{
    private MemoryEntry?[] _places = new MemoryEntry?[1024];
    private int _count;

    /// <summary>Entries in it.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The entry of a key; null where there is none.</summary>
    public MemoryEntry? Find(CacheKey key)
    {
        var places = Volatile.Read(ref _places);
        for (var entry = Volatile.Read(ref places[Place(places, key)]); entry is not null; entry = entry.Next)
        {
            if (entry.Key == key)
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>Adds an entry whose key is not there.</summary>
    public void Add(MemoryEntry entry)
    {
        if (_count == _places.Length)
        {
            Grow();
        }

        ref var place = ref _places[Place(_places, entry.Key)];
        entry.Next = place;
        Volatile.Write(ref place, entry);
        _count++;
    }

    /// <summary>Removes an entry that is there; it leads on to the others for those who just look at it.</summary>
    public void Remove(MemoryEntry entry)
    {
        ref var place = ref _places[Place(_places, entry.Key)];
        if (place == entry)
        {
            place = entry.Next;
        }
        else
        {
            var before = place!;
            while (before.Next != entry)
            {
                before = before.Next!;
            }

            before.Next = entry.Next;
        }

        _count--;
    }

    private void Grow()
    {
        var places = new MemoryEntry?[2 * _places.Length];
        foreach (var first in _places)
        {
            for (var entry = first; entry is not null;)
            {
                var next = entry.Next;
                ref var place = ref places[Place(places, entry.Key)];
                (entry.Next, place) = (place, entry);
                entry = next;
            }
        }

        Volatile.Write(ref _places, places);
    }

    // The key is a hash: any part of it will do.
    private static int Place(MemoryEntry?[] places, CacheKey key) => (int)(key.First & (uint)(places.Length - 1));
}
