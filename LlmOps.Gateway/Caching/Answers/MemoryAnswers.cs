using System.Runtime.InteropServices;
using LlmOps.Gateway.Accounting;

namespace LlmOps.Gateway.Caching.Answers;

/// <summary>
/// Answers in memory, bounded in bytes. Eviction is S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction",
/// 2023): what is asked for once passes through a small queue and is gone, so that a scan drives out nothing that is in
/// use; a look-up takes no lock. Thread-safe.
/// </summary>
internal sealed class MemoryAnswers(long maxBytes, TimeProvider time)
{
    private const int SmallShare = 10;
    private const int MostUses = 3;
    private const int MostGone = 100;

    private readonly Lock _lock = new();
    private readonly Table _entries = new();
    private readonly Queue<Entry> _small = new();
    private readonly Queue<Entry> _main = new();

    private readonly RecentKeys _gone = new();
    private long _smallBytes;
    private long _bytes;

    /// <summary>Bytes in use.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Answers that are kept.</summary>
    public int Count => _entries.Count;

    /// <summary>The answer; null where there is none, or its time is over.</summary>
    public CachedAnswer? Find(CacheKey key)
    {
        if (_entries.Find(key) is not { } entry || entry.Answer is not { } answer)
        {
            return null;
        }

        if (answer.ExpiresAt <= time.GetUtcNow())
        {
            Remove(entry);
            return null;
        }

        if (entry.Uses < MostUses)
        {
            // Two at once may count as one.
            entry.Uses++;
        }

        return answer;
    }

    /// <summary>Keeps an answer; one that is larger than a tenth of the memory is not kept.</summary>
    public void Keep(CacheKey key, CachedAnswer answer)
    {
        if (answer.Size > maxBytes / SmallShare)
        {
            return;
        }

        lock (_lock)
        {
            if (_entries.Find(key) is { } before)
            {
                Drop(before);
            }

            var entry = new Entry(key, answer) { IsMain = _gone.Has(key, Count) };
            _entries.Add(entry);
            _bytes += answer.Size;
            if (entry.IsMain)
            {
                _main.Enqueue(entry);
            }
            else
            {
                _small.Enqueue(entry);
                _smallBytes += answer.Size;
            }

            while (_bytes > maxBytes)
            {
                Evict();
            }

            if (_small.Count + _main.Count > 2 * Count + MostGone)
            {
                Compact(_small);
                Compact(_main);
            }
        }
    }

    /// <summary>Removes an answer.</summary>
    public void Remove(CacheKey key)
    {
        if (_entries.Find(key) is { } entry)
        {
            Remove(entry);
        }
    }

    /// <summary>Removes the answers for which it is true, and returns how many.</summary>
    public int RemoveAll(Func<CachedAnswer, bool> match)
    {
        var removed = 0;
        lock (_lock)
        {
            foreach (var entry in _small.Concat(_main))
            {
                if (entry.Answer is { } answer && match(answer))
                {
                    Drop(entry);
                    removed++;
                }
            }
        }

        return removed;
    }

    private void Remove(Entry entry)
    {
        lock (_lock)
        {
            Drop(entry);
        }
    }

    // Where answers are replaced more often than they are driven out, the queues would keep them for ever.
    private static void Compact(Queue<Entry> queue)
    {
        for (var left = queue.Count; left > 0; left--)
        {
            if (queue.Dequeue() is { IsGone: false } entry)
            {
                queue.Enqueue(entry);
            }
        }
    }

    // What is dropped stays in its queue until it comes to the front.
    private void Drop(Entry entry)
    {
        if (!entry.IsGone)
        {
            entry.Drop();
            _entries.Remove(entry);
            _bytes -= entry.Size;
            _smallBytes -= entry.IsMain ? 0 : entry.Size;
        }
    }

    private void Evict()
    {
        if (_small.Count > 0 && (_main.Count == 0 || _smallBytes > maxBytes / SmallShare))
        {
            EvictSmall(_small.Dequeue());
        }
        else
        {
            EvictMain(_main.Dequeue());
        }
    }

    private void EvictSmall(Entry entry)
    {
        if (entry.IsGone)
        {
            return;
        }

        if (entry.Uses > 0)
        {
            entry.Uses = 0;
            entry.IsMain = true;
            _smallBytes -= entry.Size;
            _main.Enqueue(entry);
            return;
        }

        Drop(entry);
        _gone.Add(entry.Key, Count);
    }

    private void EvictMain(Entry entry)
    {
        if (entry.IsGone)
        {
            return;
        }

        if (entry.Uses > 0)
        {
            entry.Uses--;
            _main.Enqueue(entry);
        }
        else
        {
            Drop(entry);
        }
    }

    /// <summary>
    /// Keys that have left the small queue not long ago, about as many as there are answers: what comes again is in use. A table
    /// of places that are written over; two keys of one place may be taken for each other, which costs a place in a queue.
    /// </summary>
    private sealed class RecentKeys
    {
        private (uint Mark, uint Number)[] _places = new (uint, uint)[1024];
        private uint _number;

        public void Add(CacheKey key, int answers)
        {
            if (answers > _places.Length)
            {
                _places = new (uint, uint)[2 * _places.Length];
            }

            Place(key) = (Mark(key), ++_number);
        }

        public bool Has(CacheKey key, int answers)
        {
            var (mark, number) = Place(key);
            return number != 0 && mark == Mark(key) && _number - number < Math.Max(answers, MostGone);
        }

        // The key is a hash: any part of it will do.
        private static uint Mark(CacheKey key) => (uint)key.Second;

        private ref (uint Mark, uint Number) Place(CacheKey key) => ref _places[(int)(key.Third & (uint)(_places.Length - 1))];
    }

    /// <summary>
    /// The entries by their keys. In place of a ConcurrentDictionary: all changes are made under one lock as it is, and an object
    /// less for each answer is a fifth less work for the garbage collector. Who looks up takes no lock; while the table grows it
    /// may miss what is there.
    /// </summary>
    private sealed class Table
    {
        private Entry?[] _places = new Entry?[1024];
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public Entry? Find(CacheKey key)
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

        public void Add(Entry entry)
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

        // What is removed leads on to the others for those who just look at it.
        public void Remove(Entry entry)
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
            var places = new Entry?[2 * _places.Length];
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
        private static int Place(Entry?[] places, CacheKey key) => (int)(key.First & (uint)(places.Length - 1));
    }

    // One object beside the answer's bytes: the fewer there are, the less work has the garbage collector.
    private sealed class Entry(CacheKey key, CachedAnswer answer)
    {
        private readonly (string Tenant, string Model, string? Prompt, string Provider, string ProviderModel) _facts =
            (answer.Tenant, answer.ModelName, answer.Prompt, answer.Provider, answer.ProviderModel);

        private readonly NanoUsd? _cost = answer.Cost;
        private readonly DateTimeOffset _expiresAt = answer.ExpiresAt;
        private byte[]? _json = MemoryMarshal.TryGetArray(answer.Json, out var buffer) && buffer.Count == buffer.Array!.Length ? buffer.Array : answer.Json.ToArray();

        public CacheKey Key { get; } = key;

        /// <summary>Null once it is gone: it may stay in its queue for long.</summary>
        public CachedAnswer? Answer => Volatile.Read(ref _json) is { } json
            ? new CachedAnswer(json, _facts.Tenant, _facts.Model, _facts.Prompt, _facts.Provider, _facts.ProviderModel, _cost, _expiresAt)
            : null;

        public int Size { get; } = answer.Size;

        public int Uses { get; set; }

        public bool IsMain { get; set; }

        public bool IsGone => _json is null;

        /// <summary>The next one of its place in the table.</summary>
        public Entry? Next { get; set; }

        public void Drop() => _json = null;
    }
}
