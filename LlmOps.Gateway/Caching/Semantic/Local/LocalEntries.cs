using System.Collections.Concurrent;
using System.Threading.Channels;
using LlmOps.Gateway.Caching.Answers;

namespace LlmOps.Gateway.Caching.Semantic.Local;

/// <summary>
/// Entries in memory, bounded in number and bytes: the oldest make way first, whichever partition they are in. Thread-safe;
/// searches wait for nobody.
/// </summary>
internal sealed class LocalEntries(int maxEntries, long maxBytes, TimeProvider time)
{
    // An entry that takes more than such a share of the memory is not kept.
    private const int LargestShare = 10;
    private const int MostGone = 100;

    private readonly ConcurrentDictionary<LocalPartition.Name, LocalPartition> _partitions = new();
    private readonly Channel<LocalPartition> _toLink = Channel.CreateUnbounded<LocalPartition>();
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, LocalEntry> _byId = [];
    private readonly LinkedList<LocalEntry> _byAge = [];
    private readonly PriorityQueue<LocalEntry, DateTimeOffset> _byExpiry = new();
    private long _bytes;

    /// <summary>Entries that are kept.</summary>
    public int Count => _byId.Count;

    /// <summary>Partitions that they are in.</summary>
    public int Partitions => _partitions.Count;

    /// <summary>The memory that they take, in bytes.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Entries that are still to be linked.</summary>
    public int Unlinked => _partitions.Sum(partition => partition.Value.Index.Unlinked);

    /// <summary>Partitions with entries that are still to be linked.</summary>
    public ChannelReader<LocalPartition> ToLink => _toLink.Reader;

    /// <summary>As <see cref="ISemanticStore.SearchAsync"/>; the entries have no vectors.</summary>
    public IReadOnlyList<SemanticCandidate> Search(EmbeddingSpace space, CacheKey scope, ReadOnlySpan<float> vector, float threshold, int limit)
    {
        if (!_partitions.TryGetValue(new(space, scope), out var partition))
        {
            return [];
        }

        if (Find(partition, vector, threshold, limit, out var candidates))
        {
            // What is over its time took the places of others, and does so once.
            Sweep();
            Find(partition, vector, threshold, limit, out candidates);
        }

        return candidates;
    }

    /// <summary>Whether there is an entry.</summary>
    public bool Has(Guid id)
    {
        lock (_lock)
        {
            return _byId.ContainsKey(id);
        }
    }

    /// <summary>Keeps an entry as the newest.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="isCurrent">Whether it still may be: a clearing comes before this, or removes the entry after it.</param>
    /// <returns>False for one that is too large, over its time, or has a vector that is not of its space.</returns>
    public bool Keep(SemanticEntry entry, Func<bool> isCurrent)
    {
        lock (_lock)
        {
            if (!MayBeKept(entry) || !isCurrent())
            {
                return false;
            }

            if (_byId.TryGetValue(entry.Id, out var before))
            {
                Remove(before);
            }

            Add(entry, isNewest: true);
            while (_byId.Count > maxEntries || _bytes > maxBytes)
            {
                Remove(_byAge.First!.Value);
            }

            return true;
        }
    }

    /// <summary>Takes an entry that was kept before, and is older than all others here.</summary>
    /// <returns>False where there is no room for it, and so for none that is older.</returns>
    public bool Load(SemanticEntry entry)
    {
        lock (_lock)
        {
            if (_byId.Count >= maxEntries || _bytes + LocalEntry.BytesOf(entry) > maxBytes)
            {
                return false;
            }

            if (MayBeKept(entry) && !_byId.ContainsKey(entry.Id))
            {
                Add(entry, isNewest: false);
            }

            return true;
        }
    }

    /// <summary>Removes an entry.</summary>
    public void Remove(Guid id)
    {
        lock (_lock)
        {
            if (_byId.TryGetValue(id, out var entry))
            {
                Remove(entry);
            }
        }
    }

    /// <summary>Removes what belongs to a scope.</summary>
    public void Clear(ClearedScope scope)
    {
        lock (_lock)
        {
            foreach (var entry in _byAge.Where(entry => scope.Contains(entry.Entry!.Answer)).ToList())
            {
                Remove(entry);
            }
        }
    }

    /// <summary>Removes what is over its time.</summary>
    public void Sweep()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            while (_byExpiry.TryPeek(out var entry, out var expires) && expires <= now)
            {
                _byExpiry.Dequeue();
                Remove(entry);
            }
        }
    }

    /// <summary>Takes no more partitions for linking.</summary>
    public void Complete() => _toLink.Writer.TryComplete();

    /// <summary>Returns whether there were entries among them that are over their time.</summary>
    private bool Find(LocalPartition partition, ReadOnlySpan<float> vector, float threshold, int limit, out List<SemanticCandidate> candidates)
    {
        var (now, hasExpired) = (time.GetUtcNow(), false);
        candidates = new List<SemanticCandidate>(limit);
        foreach (var match in partition.Index.Search(vector, limit, threshold))
        {
            // Gone since it was found, where there is none.
            if (match.Item.Entry is { } entry)
            {
                if (entry.Answer.ExpiresAt <= now)
                {
                    hasExpired = true;
                }
                else
                {
                    candidates.Add(new SemanticCandidate(entry, match.Similarity));
                }
            }
        }

        return hasExpired;
    }

    private bool MayBeKept(SemanticEntry entry) =>
        entry.Answer.ExpiresAt > time.GetUtcNow() && entry.Vector.Length == entry.Space.Dimensions && LocalEntry.BytesOf(entry) <= maxBytes / LargestShare;

    private void Add(SemanticEntry added, bool isNewest)
    {
        var name = new LocalPartition.Name(added.Space, added.Scope);
        if (!_partitions.TryGetValue(name, out var partition))
        {
            _partitions[name] = partition = new LocalPartition(name);
            _bytes += LocalPartition.Overhead;
        }

        var entry = new LocalEntry(added, partition);
        _byId.Add(entry.Id, entry);
        entry.Place = isNewest ? _byAge.AddLast(entry) : _byAge.AddFirst(entry);
        _byExpiry.Enqueue(entry, added.Answer.ExpiresAt);
        _bytes += entry.Bytes;
        if (partition.Add(entry, added.Vector.Span))
        {
            _toLink.Writer.TryWrite(partition);
        }
    }

    private void Remove(LocalEntry entry)
    {
        if (entry.Entry is null)
        {
            return;
        }

        entry.Drop();
        _byId.Remove(entry.Id);
        _byAge.Remove(entry.Place!);
        _bytes -= entry.Bytes;
        if (entry.Partition.Remove(entry))
        {
            _toLink.Writer.TryWrite(entry.Partition);
        }

        if (entry.Partition.Index.Count == 0)
        {
            _partitions.TryRemove(entry.Partition.Key, out _);
            _bytes -= LocalPartition.Overhead;
        }

        // Entries are in it until their time is over, also those that made way before.
        if (_byExpiry.Count > (2 * _byId.Count) + MostGone)
        {
            _byExpiry.Clear();
            _byExpiry.EnqueueRange(_byAge.Select(left => (left, left.Entry!.Answer.ExpiresAt)));
        }
    }
}
