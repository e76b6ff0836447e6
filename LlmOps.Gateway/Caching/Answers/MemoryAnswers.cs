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
    private readonly MemoryTable _entries = new();
    private readonly Queue<MemoryEntry> _small = new();
    private readonly Queue<MemoryEntry> _main = new();
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

            var entry = new MemoryEntry(key, answer) { IsMain = _gone.Has(key, Count) };
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

    private void Remove(MemoryEntry entry)
    {
        lock (_lock)
        {
            Drop(entry);
        }
    }

    // Where answers are replaced more often than they are driven out, the queues would keep them for ever.
    private static void Compact(Queue<MemoryEntry> queue)
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
    private void Drop(MemoryEntry entry)
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

    private void EvictSmall(MemoryEntry entry)
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

    private void EvictMain(MemoryEntry entry)
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
}
